"""A run in another process: what is written to it stays in order, whatever its writers do."""

import asyncio

import pytest

from fourhands.errors import InvalidRequest
from fourhands.execution.link import Resize
from fourhands.execution.port import Job
from tests.execution.conftest import Join, until
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


async def test_input_that_ends_again_and_again_keeps_the_connection(join: Join) -> None:
    """On a terminal each end is a Ctrl-D; whoever types many must not cost others their runs."""
    async with join(ScriptedBackend()) as both:
        other = await both.client.start(Job(id="o", language="echo"))
        run = await both.client.start(Job(id="r", language="echo"))
        for _ in range(50):
            await run.close_input()
        assert [type(event).__name__ async for event in run] == ["Stage", "Exit"]
        await other.write(b"still here")
        await other.close_input()
        assert b"".join([getattr(event, "data", b"") async for event in other]) == b"still here"


async def test_a_signal_that_is_none_is_refused_here(join: Join) -> None:
    async with join(ScriptedBackend()) as both:
        run = await both.client.start(Job(id="r", language="wait"))
        with pytest.raises(InvalidRequest, match="SIGINT"):
            run.signal("SIGNOT")


async def test_signals_and_sizes_wait_merged_while_the_link_is_full(join: Join) -> None:
    backend = ScriptedBackend()
    async with join(backend) as both:
        run = await both.client.start(Job(id="r", language="wait"))
        link, (carried,) = both.client._link, backend.runs
        assert link is not None
        both.runner_link._reader._transport.pause_reading()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportOptionalMemberAccess]
        while not link.is_full:
            link.send(Resize(99, 1, 1), bytes(1 << 16))  # of no run: it is dropped there
        before = link._writer.transport.get_write_buffer_size()
        for number in range(1, 1001):
            run.signal("SIGINT")
            run.signal("SIGTERM")
            run.resize(number, 1)
        assert link._writer.transport.get_write_buffer_size() == before
        both.runner_link._reader._transport.resume_reading()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportOptionalMemberAccess]
        await until(lambda: len(carried.told) == 3)
        assert set(map(str, carried.told)) == {"SIGINT", "SIGTERM", "(1000, 1)"}
        run.stop()
        assert [event async for event in run]
