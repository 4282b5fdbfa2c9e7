"""A run that the runner carries, over a link and over Redis alike: what it says arrives in order and bounded, what is said to it arrives too."""

import asyncio

from fourhands.execution.carried import CHUNK_BYTES
from fourhands.execution.port import Data, Error, Event, Exit, Job, Picture, Stage
from fourhands.execution.remote_run import RemoteRun
from tests.execution.conftest import Join
from tests.execution.scripted import ScriptedBackend, ScriptedRun

KiB = 1024


def job(language: str = "python", **fields: object) -> Job:
    return Job(id="r", language=language, **fields)  # pyright: ignore[reportArgumentType]


async def all_of(run: RemoteRun) -> list[Event]:
    return [event async for event in run]


def text_of(events: list[Event]) -> bytes:
    return b"".join(event.data for event in events if isinstance(event, Data))


async def test_a_run_is_told_from_its_first_stage_to_its_exit(carry: Join) -> None:
    async with carry(ScriptedBackend()) as both:
        events = await all_of(await both.client.start(job("c", stdin=b"in\n")))
    assert [event for event in events if not isinstance(event, Data)] == [
        Stage("compile"),
        Exit(stage="compile", status="ok", code=0),
        Stage("run"),
        Exit(stage="run", status="ok", code=0, cpu_ms=12, wall_ms=15, memory_bytes=1_000_000),
    ]
    assert events[1] == Data("stderr", b"a warning\n")
    assert text_of(events) == b"a warning\nhello\nin\n"


async def test_output_that_follows_closely_is_told_together(carry: Join) -> None:
    async def chatty(run: ScriptedRun) -> None:
        for number in range(100):
            await run.print(f"{number} ")
        await run.say(Data("stderr", b"oh"))
        await run.say(Exit(stage="run", status="ok", code=0))

    async with carry(ScriptedBackend(chatty=chatty), coalesce_seconds=3600) as both:
        events = await all_of(await both.client.start(job("chatty")))
    assert events[0] == Data("stdout", b"0 ")  # what comes first is not kept
    assert [type(event) for event in events[1:]] == [Data, Data, Exit]
    assert text_of(events) == b" ".join(str(number).encode() for number in range(100)) + b" oh"


async def test_output_is_told_in_time_while_the_run_goes_on(carry: Join) -> None:
    async def two(run: ScriptedRun) -> None:
        await run.print("first")
        await run.print("second")
        await asyncio.Event().wait()

    async with carry(ScriptedBackend(two=two), coalesce_seconds=0.001) as both:
        run = await both.client.start(job("two"))
        assert [await anext(run), await anext(run)] == [Data("stdout", b"first"), Data("stdout", b"second")]


async def test_much_output_is_told_without_waiting_for_time(carry: Join) -> None:
    async def large(run: ScriptedRun) -> None:
        await run.print("first")
        await run.print(bytes(CHUNK_BYTES))
        await asyncio.Event().wait()

    async with carry(ScriptedBackend(large=large), coalesce_seconds=3600) as both:
        run = await both.client.start(job("large"))
        assert await anext(run) == Data("stdout", b"first")
        assert await anext(run) == Data("stdout", bytes(CHUNK_BYTES))


async def test_a_picture_comes_behind_the_output_before_it(carry: Join) -> None:
    async def paint(run: ScriptedRun) -> None:
        await run.print("a")
        await run.print("b")
        await run.say(Picture(b"png"))
        await run.say(Exit(stage="run", status="ok", code=0))

    async with carry(ScriptedBackend(paint=paint), coalesce_seconds=3600) as both:
        events = await all_of(await both.client.start(job("paint")))
    assert events[:3] == [Data("stdout", b"a"), Data("stdout", b"b"), Picture(b"png")]


async def test_a_flood_that_nobody_reads_waits_and_holds_nobody_up(carry: Join) -> None:
    backend = ScriptedBackend()

    async def flood(run: ScriptedRun) -> None:
        for _ in range(4000):
            await run.print(bytes(KiB))
        await run.say(Exit(stage="run", status="ok", code=0))

    backend.scripts["flood"] = flood
    async with carry(backend, window_bytes=16 * KiB) as both:
        flooding = await both.client.start(job("flood"))
        for _ in range(20):
            assert (await all_of(await both.client.start(job())))[-1].status == "ok"  # pyright: ignore[reportAttributeAccessIssue]
        assert backend.runs[0].said * KiB < 16 * KiB + 2 * CHUNK_BYTES  # the program waits
        assert len(text_of(await all_of(flooding))) == 4000 * KiB  # and nothing is lost


async def test_what_is_said_to_a_run_arrives_in_order(carry: Join) -> None:
    backend = ScriptedBackend()
    async with carry(backend) as both:
        run = await both.client.start(job("echo", open_input=True))
        run.resize(100, 40)
        run.signal("SIGINT")
        await run.write(b"a" * 100_000)
        await run.write(b"b")
        await run.close_input()
        assert text_of(await all_of(run)) == b"a" * 100_000 + b"b"
        assert backend.runs[0].told == [(100, 40), "SIGINT"]


async def test_a_mistake_in_the_runner_ends_its_run_alone(carry: Join) -> None:
    class Broken(ScriptedRun):
        async def __aiter__(self):
            raise RuntimeError("a mistake")
            yield

    backend = ScriptedBackend()
    start = backend.start

    async def broken(job: Job) -> ScriptedRun:
        return Broken(job) if job.language == "c" else await start(job)

    backend.start = broken
    async with carry(backend) as both:
        assert await all_of(await both.client.start(job("c"))) == [Error(message="Something broke in the runner; it was logged.")]
        assert text_of(await all_of(await both.client.start(job()))) == b"hello\n"
