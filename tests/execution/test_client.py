"""The server's end: what is lost with a runner is told so, and a runner that says nonsense or nothing is left."""

import asyncio
import socket

import pytest

from fourhands.errors import Unavailable
from fourhands.execution.client import AGAIN, SILENT_BEATS, STARTING, RunnerClient
from fourhands.execution.link import VERSION, Link, Output, Started, State, runner_end, server_end
from fourhands.execution.port import Error, Health, Job, Stage
from fourhands.execution.remote_run import LARGEST_BYTES, LOST
from tests.execution.conftest import Join, until
from tests.execution.scripted import READY, ScriptedBackend

JOB = Job(id="r", language="wait")


async def bare(**options: float) -> "tuple[RunnerClient, Link, asyncio.Task[None]]":
    """A client, and the other end of its link without anybody there."""
    one, other = socket.socketpair()
    client = RunnerClient(**options)  # pyright: ignore[reportArgumentType]
    using = asyncio.create_task(client.serve(server_end(*await asyncio.open_connection(sock=one))))
    return client, runner_end(*await asyncio.open_connection(sock=other)), using


async def test_until_the_first_self_test_nothing_is_started() -> None:
    client, other, using = await bare()
    assert client.is_pending
    with pytest.raises(Unavailable, match=STARTING):
        await client.start(JOB)
    other.send(State(VERSION, "x", Health(False, "There is no bubblewrap.", "Install it."), ScriptedBackend().runtimes()))
    assert await client.known() == Health(False, "There is no bubblewrap.", "Install it.")
    with pytest.raises(Unavailable, match=r"There is no bubblewrap\. Install it\."):
        await client.start(JOB)
    assert client.runtimes() == ()
    await client.close()
    await using
    other.close()


async def test_runs_are_lost_with_the_runner_and_it_recovers(join: Join) -> None:
    async with join(ScriptedBackend()) as both:
        run = await both.client.start(JOB)
        assert await anext(run) == Stage("run")
        both.runner_link.close()
        assert [event async for event in run] == [Error(message=LOST, status="unavailable")]
        await both.using
        assert both.client.health == Health(False, AGAIN)
        with pytest.raises(Unavailable, match="being started again"):
            await both.client.start(JOB)
        await asyncio.wait_for(run.write(b"nobody takes this"), 20)
        run.stop()
        one, other = socket.socketpair()
        using = asyncio.create_task(both.client.serve(server_end(*await asyncio.open_connection(sock=one))))
        runner = runner_end(*await asyncio.open_connection(sock=other))
        runner.send(State(VERSION, "x", READY, ()))
        await until(lambda: both.client.health.ok)
        runner.close()
        await using


async def test_one_can_wait_for_a_runner_so_long_from_when_it_went() -> None:
    client, other, using = await bare()
    await asyncio.wait_for(client.back(0), 20)  # there was none for so long
    waiting = asyncio.create_task(client.back(3600))
    other.send(State(VERSION, "x", Health(False, "There is no bubblewrap.", "Install it."), ()))
    await client.known()
    assert not waiting.done()
    other.send(State(VERSION, "x", READY, ()))
    await asyncio.wait_for(waiting, 20)
    await asyncio.wait_for(client.back(3600), 20)
    assert client.health.ok
    other.close()
    await using
    waiting = asyncio.create_task(client.back(3600))
    await asyncio.wait_for(client.back(0), 20)
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(Unavailable, match="started again") as raised:
        await client.start(JOB)
    assert raised.value.untouched


async def test_a_start_that_was_under_way_is_refused_when_the_runner_ends() -> None:
    client, other, using = await bare()
    other.send(State(VERSION, "x", READY, ()))
    await client.known()
    starting = asyncio.create_task(client.start(JOB))
    await anext(other.messages())
    other.close()
    with pytest.raises(Unavailable, match="lost") as raised:
        await starting
    assert not raised.value.untouched  # it may have run
    await using


async def test_a_runner_that_says_nonsense_is_left(caplog: pytest.LogCaptureFixture) -> None:
    client, other, using = await bare()
    other.send(JOB)
    await using
    assert not client.health.ok
    assert "makes no sense" in client.health.sentence


async def test_a_runner_of_another_version_is_not_used() -> None:
    client, other, using = await bare()
    other.send(State(VERSION + 1, "x", READY, ()))
    await using
    assert "install the same fourhands for both" in client.health.sentence


async def test_a_runner_that_sends_more_than_it_was_asked_for_is_left() -> None:
    client, other, using = await bare()
    other.send(State(VERSION, "x", READY, ()))
    await client.known()
    starting = asyncio.create_task(client.start(JOB))
    await anext(other.messages())
    other.send(Started(1))
    await starting
    for _ in range(3):
        other.send(Output(1, "stdout"), bytes(LARGEST_BYTES // 2))
    await asyncio.wait_for(using, 20)
    assert "more of a run's output" in client.health.sentence


async def test_a_runner_that_is_stuck_is_left() -> None:
    client, other, using = await bare(beat_seconds=0.001)
    await asyncio.wait_for(using, 20)
    assert client.health == Health(False, AGAIN)
    other.close()


async def test_a_runner_that_answers_is_kept(join: Join) -> None:
    beat_seconds = 0.05
    async with join(ScriptedBackend(), beat_seconds=beat_seconds) as both:
        now = asyncio.get_running_loop().time
        until_when = now() + 2 * SILENT_BEATS * beat_seconds  # if no answer counted, it would have been left by then
        while now() < until_when:
            run = await both.client.start(Job(id="r", language="python"))
            async for _ in run:
                pass
        assert not both.using.done()


async def test_a_start_that_nobody_waits_for_any_more_ends_its_run(join: Join) -> None:
    backend = ScriptedBackend()
    async with join(backend) as both:
        starting = asyncio.create_task(both.client.start(JOB))
        await asyncio.sleep(0)
        starting.cancel()
        await asyncio.wait_for(backend.began.wait(), 20)
        await asyncio.wait_for(backend.runs[0].stopped.wait(), 20)
        await until(lambda: not both.client._runs)
