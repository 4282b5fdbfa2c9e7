"""Programs that run, wait, and ended in the last hour."""

import asyncio

from fourhands.desk.programs import RECENT, Machine, OfLanguage, Programs
from fourhands.execution.admission import SlidingWindow
from fourhands.execution.executor import Executor, Rate, switched_off
from fourhands.execution.port import Job
from fourhands.execution.queue import Ask, MachineFigures, QueueLimits
from fourhands.execution.turns import Turns
from fourhands.model.clock import SystemClock
from fourhands.model.execution import Execution
from tests.execution.scripted import ScriptedBackend
from tests.house import HandClock


class Source(ScriptedBackend):
    is_pending = False


def ended(number: int, language: str = "python", status: str = "ok") -> Execution:
    return Execution(str(number), None, None, language, "server", status, 1, 1, 1, 1)


def test_what_ended_is_counted_by_language_and_forgotten_after_an_hour() -> None:
    clock = HandClock()
    programs = Programs(switched_off(), clock)
    programs.heard(ended(1))
    clock.pass_seconds(1800)
    programs.heard(ended(2, status="error"))
    programs.heard(ended(3, "c", "stopped"))
    assert programs.by_language() == [OfLanguage("python", 2, 1), OfLanguage("c", 1, 0)]
    assert programs.counts() == (3, 1)
    clock.pass_seconds(1900)
    assert programs.by_language() == [OfLanguage("c", 1, 0), OfLanguage("python", 1, 1)]
    clock.pass_seconds(3600)
    assert programs.by_language() == []
    assert programs.counts() == (3, 1)


def test_the_newest_are_shown_first_and_only_so_many() -> None:
    programs = Programs(switched_off(), HandClock())
    for number in range(RECENT + 5):
        programs.heard(ended(number))
    recent = programs.recent()
    assert (len(recent), recent[0].id) == (RECENT, str(RECENT + 4))


async def test_those_that_run_stand_before_those_that_wait() -> None:
    executor = Executor(Source(), Turns(QueueLimits(batch=1)), SlidingWindow(SystemClock()))
    programs = Programs(executor, HandClock())
    runs = [await executor.start(Job(id=room, language="wait"), Ask(room=room, person=f"{room}/ada", memory_bytes=1), Rate("", 0)) for room in ("a", "b")]
    assert [(one.id, one.language, one.room, one.person, one.running) for one in programs.under_way()] == [
        ("a", "wait", "a", "a/ada", True),
        ("b", "wait", "b", "b/ada", False),
    ]
    assert (programs.running(), programs.waiting()) == (1, 1)
    for run in runs:
        run.stop()
    await asyncio.sleep(0)
    assert (programs.running(), programs.waiting()) == (0, 0)


async def test_the_queue_and_what_runs_programs_are_those_of_all_servers() -> None:
    name = "whoever knows all of it could offer programs"
    machine = MachineFigures(
        name=name, host="runner-1", ok=True, sentence="Fine.", languages=("c", "python"),
        batch=1, batch_slots=2, interactive=0, interactive_slots=16, memory_bytes=5, memory_most_bytes=50,
    )  # fmt: skip
    executor = Executor(Source(), Turns(QueueLimits(batch=1)), SlidingWindow(SystemClock()))
    executor.machines = lambda: [machine]  # type: ignore[method-assign]
    runs = [await executor.start(Job(id=room, language="wait"), Ask(room=room, person=f"{room}/ada", memory_bytes=1), Rate("", 0)) for room in ("a", "b")]
    shown = await Programs(executor, HandClock()).everywhere()
    assert shown.queue == {"batch": 1, "interactive": 0}
    assert shown.machines == [Machine(name[:8], "runner-1", True, "Fine.", 2, 1, 2, 0, 16, 5, 50)]
    for run in runs:
        run.stop()
    await asyncio.sleep(0)
