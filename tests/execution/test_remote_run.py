"""A run in another process: what is written to it stays in order, whatever its writers do."""

import asyncio

import pytest

from fourhands.errors import InvalidRequest
from fourhands.execution.port import Job
from tests.execution.conftest import Join
from tests.execution.scripted import ScriptedBackend


async def test_a_write_that_nobody_waits_for_any_more_does_not_mix_with_the_next(join: Join) -> None:
    async with join(ScriptedBackend()) as both:
        run = await both.client.start(Job(id="r", language="echo"))
        for letter in b"abcdefghijkl":
            writing = asyncio.create_task(run.write(bytes([letter])))
            await asyncio.sleep(0)
            writing.cancel()
        await run.write(b"!")
        await run.close_input()
        said = b"".join([getattr(event, "data", b"") async for event in run])
        assert said.endswith(b"!")


async def test_a_signal_that_is_none_is_refused_here(join: Join) -> None:
    async with join(ScriptedBackend()) as both:
        run = await both.client.start(Job(id="r", language="wait"))
        with pytest.raises(InvalidRequest, match="SIGINT"):
            run.signal("SIGNOT")
