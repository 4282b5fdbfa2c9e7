"""Where nobody traces, nothing happens."""

import pytest

from fourhands.metrics.spans import NO_SPANS


async def test_what_is_done_inside_is_done() -> None:
    with NO_SPANS.span("one", parent="00-x", room="y") as span:
        span.name("two")
        span.set(member="z", status=200)
    NO_SPANS.ended("run", at_ms=1, duration_ms=2, language="python")
    await NO_SPANS.stop()


async def test_a_failure_inside_is_the_callers() -> None:
    with pytest.raises(KeyError), NO_SPANS.span("one"):
        raise KeyError
