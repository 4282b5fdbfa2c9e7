"""Traces, as everything else knows them: `tracing.py` sends them where a collector is set; nobody does by default."""

import contextlib
from collections.abc import Generator
from contextlib import AbstractContextManager
from typing import Protocol

Attribute = str | int | float | bool


class Span(Protocol):
    def name(self, name: str) -> None:
        """Call it that from now on."""
        ...

    def set(self, **attributes: Attribute) -> None:
        """Say that of it: ids, kinds and numbers, never what people wrote, an address or a secret. `__` in a name stands for a dot."""
        ...


class Spans(Protocol):
    def span(self, name: str, *, parent: str = "", **attributes: Attribute) -> AbstractContextManager[Span]:
        """What is done inside takes part in it. `parent`: a `traceparent` header (W3C Trace Context), or nothing."""
        ...

    def ended(self, name: str, *, at_ms: int, duration_ms: int, **attributes: Attribute) -> None:
        """One that is over; times in milliseconds since 1970."""
        ...

    async def stop(self) -> None:
        """Send what waits; returns in a moment, sent or not."""
        ...


class _NoSpan:
    def name(self, name: str) -> None:
        del name

    def set(self, **attributes: Attribute) -> None:
        del attributes


class NoSpans:
    """Nobody traces."""

    @contextlib.contextmanager
    def span(self, name: str, *, parent: str = "", **attributes: Attribute) -> Generator[Span]:
        del name, parent, attributes
        yield _NO_SPAN

    def ended(self, name: str, *, at_ms: int, duration_ms: int, **attributes: Attribute) -> None:
        del name, at_ms, duration_ms, attributes

    async def stop(self) -> None:
        pass


_NO_SPAN = _NoSpan()
NO_SPANS = NoSpans()
