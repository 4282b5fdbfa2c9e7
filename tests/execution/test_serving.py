"""The runner's end: what runs say arrives in order and bounded, what is said to them arrives too, and nothing outlives the connection."""

import asyncio

import pytest

from fourhands.errors import NotFound, ProtocolViolation
from fourhands.execution.carried import WAITING_WRITES
from fourhands.execution.link import CloseInput, SendSignal, Start, Write, split_job
from fourhands.execution.port import Data, Error, Event, Exit, Job, Stage
from fourhands.execution.remote_run import LOST, RemoteRun
from tests.execution.conftest import Join
from tests.execution.scripted import ScriptedBackend, ScriptedRun

KiB = 1024


def job(language: str = "python", **fields: object) -> Job:
    return Job(id="r", language=language, **fields)  # pyright: ignore[reportArgumentType]


async def all_of(run: RemoteRun) -> list[Event]:
    return [event async for event in run]


def text_of(events: list[Event]) -> bytes:
    return b"".join(event.data for event in events if isinstance(event, Data))


def starts_when_told() -> tuple[ScriptedBackend, asyncio.Event]:
    """A backend that starts a run when the event is set."""
    backend, go = ScriptedBackend(), asyncio.Event()
    start = backend.start

    async def slow(job: Job) -> ScriptedRun:
        await go.wait()
        return await start(job)

    backend.start = slow
    return backend, go


async def test_what_is_said_before_it_is_started_arrives(join: Join) -> None:
    backend, go = starts_when_told()
    async with join(backend) as both:
        starting = asyncio.create_task(both.client.start(job("echo")))
        await asyncio.sleep(0)
        run = both.client._runs[1]
        run.signal("SIGINT")
        writing = asyncio.create_task(run.write(b"early"))
        go.set()
        run = await starting
        await writing
        assert backend.runs[0].told == ["SIGINT"]
        assert [await anext(run), await anext(run)] == [Stage("run"), Data("stdout", b"early")]


async def test_a_run_that_is_stopped_before_it_is_started_is_killed(join: Join) -> None:
    backend, go = starts_when_told()
    async with join(backend) as both:
        starting = asyncio.create_task(both.client.start(job("wait")))
        await asyncio.sleep(0)
        both.client._runs[1].stop()
        go.set()
        assert (await all_of(await starting))[-1] == Exit(stage="run", status="killed", signal="SIGKILL")


async def test_what_the_backend_refuses_is_refused_with_its_reason(join: Join) -> None:
    async with join(ScriptedBackend()) as both:
        with pytest.raises(NotFound, match="no cobol here"):
            await both.client.start(job("cobol"))
        assert both.client._runs == {}


async def test_every_run_ends_with_the_connection(join: Join) -> None:
    backend = ScriptedBackend()

    async def flood(run: ScriptedRun) -> None:
        while True:
            await run.print(bytes(KiB))

    backend.scripts["flood"] = flood
    async with join(backend, window_bytes=KiB) as both:
        for language in ("wait", "echo", "flood"):
            await both.client.start(job(language))
        await both.client.close()
        await asyncio.wait_for(both.serving, 20)
        assert all(run.stopped.is_set() for run in backend.runs)


HEAD, BODY = split_job(Job(id="r", language="echo"))


@pytest.mark.parametrize("wrong", ["a number twice", "a signal that is none", "writes that were not asked for"])
async def test_a_server_that_makes_no_sense_loses_its_connection_and_its_runs(join: Join, wrong: str) -> None:
    backend = ScriptedBackend()
    async with join(backend) as both:
        await both.client.start(job("wait"))
        link = both.client._link
        assert link is not None
        match wrong:
            case "a number twice":
                link.send(Start(1, HEAD, 10), BODY)
            case "a signal that is none":
                link.send(SendSignal(1, "SIGNOT"))
            case _:
                for _ in range(WAITING_WRITES + 2):
                    link.send(Write(1), b"x")
                    link.send(CloseInput(1))
        with pytest.raises(ProtocolViolation):
            await both.serving
        assert backend.runs[0].stopped.is_set()


async def test_a_run_that_the_runner_takes_down_with_it_is_lost_not_stopped(join: Join) -> None:
    async with join(ScriptedBackend()) as both:
        run = await both.client.start(job("wait"))
        both.serving.cancel()
        assert (await all_of(run))[-1] == Error(message=LOST)
