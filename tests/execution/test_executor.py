"""Programs are admitted, wait, run and give their turn back, whatever becomes of whoever asked for them."""

import asyncio

import pytest

from fourhands.errors import LimitExceeded, Unavailable
from fourhands.execution.admission import SlidingWindow
from fourhands.execution.executor import STOPPED_EARLY, Executor, Rate
from fourhands.execution.port import Data, Error, Exit, Health, Job, Queued, Runtime, Stage
from fourhands.execution.queue import Ask, QueueLimits
from fourhands.execution.rules import Rules
from fourhands.execution.turns import Turns
from fourhands.model.clock import SystemClock
from tests.execution.conftest import until
from tests.execution.scripted import READY, ScriptedBackend, ScriptedRun

NO_RATE = Rate("", 0)


AWAY = Health(False, "The runner is being started again.")


class Source(ScriptedBackend):
    is_pending = False

    def __init__(self) -> None:
        super().__init__()
        self.there = asyncio.Event()
        self.waited: list[float] = []

    async def start(self, job: Job) -> ScriptedRun:
        if not self.health.ok:
            raise Unavailable(self.health.sentence, "runner", untouched=True)
        return await super().start(job)

    async def back(self, seconds: float) -> None:
        self.waited.append(seconds)
        await self.there.wait()

    def end_runner(self) -> None:
        """What runs is over, and nothing can be started."""
        self.health = AWAY
        for run in self.runs:
            run.stop()


class House:
    """An executor over a script, with one program at a time."""

    def __init__(self, **limits: int) -> None:
        self.backend = Source()
        self.turns = Turns(QueueLimits(**{"batch": 1, **limits}))
        self.executor = Executor(self.backend, self.turns, SlidingWindow(SystemClock()), Rules(runner_wait_seconds=7))

    async def start(self, language: str = "python", room: str = "a", rate: Rate = NO_RATE):
        return await self.executor.start(Job(id="r", language=language), Ask(room=room, person=room, memory_bytes=1), rate)

    @property
    def is_free(self) -> bool:
        return not self.turns.running("batch") and not self.turns.waiting("batch")


async def test_a_program_runs_at_once_when_nobody_else_does() -> None:
    house = House()
    events = [event async for event in await house.start()]
    assert events[:2] == [Stage("run"), Data("stdout", b"hello\n")]
    assert house.is_free


async def test_where_machines_differ_a_program_may_use_what_the_largest_with_its_language_has() -> None:
    house = House()
    assert (house.executor.rules, house.executor.machines()) == (Rules(runner_wait_seconds=7), ())
    house.turns.memory_of = lambda: {"python": 1 << 20}
    rules = house.executor.rules
    for language, most in (("python", 1 << 20), ("java", 256 << 20)):
        assert rules.fitted(rules.program, Runtime(language=language, version="1"), "batch").memory_bytes == most


async def test_a_program_waits_for_its_turn_and_says_where_it_stands() -> None:
    house = House()
    first, second, third = await house.start("wait"), await house.start(room="b"), await house.start(room="c")
    one, two, three = first.__aiter__(), second.__aiter__(), third.__aiter__()
    assert await anext(one) == Stage("run")
    assert [await anext(two), await anext(three)] == [Queued(1), Queued(2)]
    first.stop()
    assert [event async for event in one] == [Exit(stage="run", status="killed", signal="SIGKILL")]
    assert await anext(two) == Stage("run")
    assert await anext(three) == Queued(1)
    assert [event async for event in two][-1] == Exit(stage="run", status="ok", code=0, cpu_ms=12, wall_ms=15, memory_bytes=1_000_000)
    assert await anext(three) == Stage("run")
    assert len(await _all(three)) == 2
    assert house.is_free


async def test_what_is_under_way_can_be_looked_at() -> None:
    house = House()
    first, second = await house.start("wait"), await house.start("python", room="b")
    one, two = first.__aiter__(), second.__aiter__()
    await anext(one)
    await anext(two)
    assert [(run.job.language, run.ask.room, run.is_running) for run in house.executor.under_way()] == [("wait", "a", True), ("python", "b", False)]
    first.stop()
    await _all(one)
    assert [run.is_running for run in house.executor.under_way()] == [True]
    await _all(two)
    assert house.executor.under_way() == []


async def test_a_program_that_is_stopped_while_it_waits_never_runs() -> None:
    house = House()
    first, second = await house.start("wait"), await house.start(room="b")
    one, two = first.__aiter__(), second.__aiter__()
    await anext(one)
    assert await anext(two) == Queued(1)
    second.stop()
    assert [event async for event in two] == [Error(message=STOPPED_EARLY, status="killed")]
    assert len(house.backend.runs) == 1
    await asyncio.wait_for(second.write(b"nobody"), 20)
    first.stop()


async def test_a_program_that_nobody_looks_at_any_more_is_ended_and_keeps_its_turn_until_then() -> None:
    house, go = House(), asyncio.Event()

    class Stubborn(ScriptedRun):
        def stop(self) -> None:
            self.told.append("stop")

    async def stubborn(job: Job) -> ScriptedRun:
        run = Stubborn(job)
        house.backend.runs.append(run)

        async def script(run: ScriptedRun) -> None:
            await run.say(Stage("run"))
            await go.wait()

        house.backend._tasks.append(asyncio.create_task(run.perform(script)))
        return run

    house.backend.start = stubborn
    run = await house.start()

    async def look() -> None:
        async for _ in run:
            pass

    looking = asyncio.create_task(look())
    await until(lambda: house.backend.runs)
    await until(lambda: house.backend.runs[0].said == 1)
    looking.cancel()
    await until(lambda: house.backend.runs[0].told == ["stop"])
    assert not house.is_free
    go.set()
    await until(lambda: house.is_free)


async def test_a_run_that_was_never_looked_at_gives_its_turn_back_when_stopped() -> None:
    house = House()
    run = await house.start()
    assert not house.is_free
    run.stop()
    assert house.is_free
    assert house.backend.runs == []


async def test_a_run_that_is_stopped_while_it_is_being_started_is_killed() -> None:
    house, go, began = House(), asyncio.Event(), asyncio.Event()
    start = house.backend.start

    async def slow(job: Job) -> ScriptedRun:
        began.set()
        await go.wait()
        return await start(job)

    house.backend.start = slow
    run = await house.start("wait")
    run.resize(90, 20)
    events = asyncio.create_task(_all(run))
    await began.wait()
    run.stop()
    go.set()
    assert (await events)[-1] == Exit(stage="run", status="killed", signal="SIGKILL")
    assert house.backend.runs[0].told == [(90, 20)]
    assert house.is_free


async def _all(run: object) -> list[object]:
    return [event async for event in run]  # pyright: ignore[reportGeneralTypeIssues]


async def test_a_start_that_fails_is_told_and_gives_the_turn_back() -> None:
    house = House()
    events = await _all(await house.start("cobol"))
    assert events == [Error(message="There is no cobol here.")]
    assert house.is_free


async def test_programs_that_wait_while_the_runner_is_started_again_keep_their_places_and_run_once() -> None:
    house = House()
    first, second, third = await house.start("wait"), await house.start(room="b"), await house.start(room="c")
    one, two, three = first.__aiter__(), second.__aiter__(), third.__aiter__()
    await anext(one)
    assert [await anext(two), await anext(three)] == [Queued(1), Queued(2)]
    house.backend.end_runner()
    assert (await _all(one))[-1] == Exit(stage="run", status="killed", signal="SIGKILL")
    assert [await anext(two), await anext(three)] == [Queued(1), Queued(1)]
    running = asyncio.create_task(_all(two))
    await until(lambda: house.backend.waited == [7])
    assert not second.is_running
    with pytest.raises(Unavailable, match="started again"):  # who comes now is refused at once
        await house.start(room="d")
    house.backend.health = READY
    house.backend.there.set()
    assert [type(event) for event in await running] == [Stage, Data, Exit]
    assert [type(event) for event in await _all(three)] == [Stage, Data, Exit]
    assert [run.job.language for run in house.backend.runs] == ["wait", "python", "python"]
    assert house.is_free


async def test_a_runner_that_does_not_come_back_is_not_waited_for_longer_than_is_set() -> None:
    house = House()
    run = await house.start()
    house.backend.end_runner()
    house.backend.there.set()  # the time is over
    assert await _all(run) == [Queued(1), Error(message=AWAY.sentence)]
    assert house.is_free


async def test_a_program_that_waits_for_the_runner_can_be_stopped() -> None:
    house = House()
    run = await house.start()
    house.backend.end_runner()
    events = asyncio.create_task(_all(run))
    await until(lambda: house.backend.waited)
    run.stop()
    assert await asyncio.wait_for(events, 20) == [Queued(1), Error(message=STOPPED_EARLY, status="killed")]
    assert house.is_free


async def test_a_runner_that_goes_again_before_it_took_the_program_is_waited_for_again() -> None:
    house = House()
    run = await house.start()
    house.backend.end_runner()
    events = asyncio.create_task(_all(run))
    await until(lambda: house.backend.waited)
    begin, tries = house.backend.start, list[Job]()

    async def gone(job: Job) -> ScriptedRun:
        tries.append(job)
        if len(tries) == 1:
            house.backend.health = AWAY
            house.backend.there.clear()
            raise Unavailable(AWAY.sentence, "runner", untouched=True)
        return await begin(job)

    house.backend.start = gone
    for times in (1, 2):
        house.backend.health = READY
        house.backend.there.set()
        await until(lambda times=times: len(tries) >= times)
    assert (await events)[-1] == Exit(stage="run", status="ok", code=0, cpu_ms=12, wall_ms=15, memory_bytes=1_000_000)
    assert len(house.backend.runs) == 1


async def test_a_program_that_was_lost_while_it_was_started_is_not_started_again() -> None:
    house = House()

    async def lose(job: Job) -> ScriptedRun:
        house.backend.end_runner()
        raise Unavailable("so the run is lost", "runner")

    house.backend.start = lose
    assert await _all(await house.start()) == [Error(message="so the run is lost")]
    assert house.backend.waited == []


async def test_input_that_is_typed_while_it_waits_is_kept() -> None:
    house = House()
    first, second = await house.start("wait"), await house.start("echo", room="b")
    one, two = first.__aiter__(), second.__aiter__()
    await anext(one)
    assert await anext(two) == Queued(1)
    writing = asyncio.create_task(second.write(b"early"))
    closing = asyncio.create_task(second.close_input())
    second.signal("SIGINT")  # to nobody
    first.stop()
    await _all(one)
    said = await _all(two)
    await asyncio.gather(writing, closing)
    assert Data("stdout", b"early") in said


async def test_nothing_is_taken_while_nothing_can_run_it() -> None:
    house = House()
    house.backend.health = Health(False, "There is no bubblewrap.", "Install it.")
    assert house.executor.why_not() == "There is no bubblewrap. Install it."
    with pytest.raises(Unavailable, match="There is no bubblewrap"):
        await house.start()
    assert house.is_free


async def test_too_often_is_refused_and_takes_no_place() -> None:
    house = House()
    rate = Rate("ada", 2)
    for _ in range(2):
        await _all(await house.start(rate=rate))
    with pytest.raises(LimitExceeded, match="2 programs a minute"):
        await house.start(rate=rate)
    await _all(await house.start())
    assert house.is_free


async def test_who_finds_no_place_does_not_count_as_having_run() -> None:
    house = House(waiting=0)
    first = await house.start("wait")
    for _ in range(3):
        with pytest.raises(LimitExceeded, match="wait already"):
            await house.start(room="b", rate=Rate("bob", 2))
    first.stop()
    await _all(await house.start(room="b", rate=Rate("bob", 2)))


async def test_a_server_that_stops_ends_everything_and_takes_no_more() -> None:
    house = House()
    runs = [await house.start("wait"), await house.start(room="b"), await house.start(room="c")]
    looking = [asyncio.create_task(_all(run)) for run in runs[:2]]  # nobody looks at the third
    await asyncio.wait_for(house.backend.began.wait(), 20)
    await asyncio.wait_for(house.executor.stop(), 20)
    killed, early = [await task for task in looking]
    assert killed[-1] == Exit(stage="run", status="killed", signal="SIGKILL")
    assert early[-1] == Error(message=STOPPED_EARLY, status="killed")
    with pytest.raises(Unavailable, match="stops"):
        await house.start()
    assert house.is_free
