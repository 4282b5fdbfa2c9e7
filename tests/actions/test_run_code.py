"""Whatever way a program comes in, it is looked at, fitted to its language and to the machine, and queued."""

from dataclasses import replace

import pytest

from fourhands.actions.run_code import Order, find_runtime, run_code
from fourhands.errors import InvalidRequest, LimitExceeded, TooLarge, Unavailable
from fourhands.execution.admission import SlidingWindow
from fourhands.execution.executor import Executor, Rate
from fourhands.execution.port import Health, Job, Limits, Needs, Runtime, SourceFile, Terminal
from fourhands.execution.queue import QueueLimits
from fourhands.execution.rules import Rules
from fourhands.execution.turns import Turns
from tests.execution.scripted import ScriptedBackend
from tests.house import House

MiB = 1024 * 1024
MAIN = (SourceFile("main", b"x"),)


class Source(ScriptedBackend):
    is_pending = False

    def runtimes(self) -> tuple[Runtime, ...]:
        if not self.health.ok:
            return ()
        return (Runtime(language="java", version="17", compiled=True, needs=Needs(memory_bytes=1024 * MiB, processes=128)), *super().runtimes())


class Desk:
    """A place whose programs are scripts."""

    def __init__(self, house: House, **limits: int) -> None:
        self.source = Source(java=None)  # pyright: ignore[reportArgumentType]
        self.turns = Turns(QueueLimits(**{"memory_bytes": 4096 * MiB, **limits}))
        rules = Rules(queue=self.turns.limits, files=2, program_bytes=10, program=Limits(wall_seconds=4), terminal=Limits(wall_seconds=100))
        old = house.place
        executor = Executor(self.source, self.turns, SlidingWindow(old.clock), rules)
        self.place = replace(old, executor=executor)

    async def run(self, language: str = "python", **fields: object) -> Job:
        return (await run_code(self.place, self.order(language, **fields))).job

    def order(self, language: str = "python", **fields: object) -> Order:
        given = {"files": MAIN, "room": "r", "person": "ada", "rate": Rate("ada", 0), **fields}
        return Order(language=language, **given)  # pyright: ignore[reportArgumentType]


async def test_a_language_is_found_by_any_of_its_names(house: House) -> None:
    desk = Desk(house)
    assert find_runtime(desk.place, "py").language == "python"
    assert (await desk.run("py")).language == "python"
    with pytest.raises(InvalidRequest, match=r"'klingon' does not run on this server\. These do: java, python"):
        await desk.run("klingon")


@pytest.mark.parametrize(("language", "says"), [("cobol", "fourhands languages install cobol"), ("rs", "install rust"), ("json", "only written")])
async def test_a_toolchain_that_lacks_is_said_with_what_brings_it(house: House, language: str, says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        await Desk(house).run(language)


async def test_a_program_gets_the_limits_of_its_kind_and_what_its_language_needs(house: House) -> None:
    desk = Desk(house)
    assert (await desk.run()).limits.wall_seconds == 4
    opened: list[dict[str, object]] = [{"terminal": Terminal()}, {"open_input": True}]
    for open_ in opened:
        assert (await desk.run("python", person="bob", room="b", **open_)).limits.wall_seconds == 100
    java = (await desk.run("java", room="c", person="eve")).limits
    assert (java.memory_bytes, java.processes) == (1024 * MiB, 128)
    assert [place.ask.memory_bytes for place in self_running(desk)] == [256 * MiB, 1024 * MiB]


def self_running(desk: Desk) -> list:
    return sorted(desk.turns.running("batch"), key=lambda place: place.ask.memory_bytes)


async def test_a_small_machine_gives_what_it_has(house: House) -> None:
    desk = Desk(house, memory_bytes=100 * MiB)
    java = (await desk.run("java")).limits
    assert (java.memory_bytes, java.compile_memory_bytes) == (100 * MiB, 100 * MiB)


async def test_what_makes_no_sense_is_refused_before_it_takes_a_place(house: House) -> None:
    desk = Desk(house)
    with pytest.raises(InvalidRequest, match="relative"):
        await desk.run(files=(SourceFile("../x", b""),))
    with pytest.raises(TooLarge, match="2 files"):
        await desk.run(files=tuple(SourceFile(name, b"") for name in "abc"))
    with pytest.raises(TooLarge, match="10 bytes"):
        await desk.run(files=(SourceFile("a", b"x" * 11),))
    with pytest.raises(InvalidRequest, match="no prompt for python"):
        await desk.run(repl=True)
    assert desk.turns.running("batch") == []


async def test_too_often_and_too_many_are_refused(house: House) -> None:
    desk = Desk(house, queued=0)
    await desk.run(rate=Rate("ada", 1))
    with pytest.raises(LimitExceeded, match="1 programs a minute"):
        await desk.run(rate=Rate("ada", 1), room="elsewhere")
    with pytest.raises(LimitExceeded, match="of this room wait"):
        await desk.run(person="bob", rate=Rate("bob", 1))


async def test_without_anything_that_runs_programs_the_reason_is_told(house: House) -> None:
    desk = Desk(house)
    desk.source.health = Health(False, "There is no bubblewrap.", "Install it.")
    with pytest.raises(Unavailable, match="no bubblewrap"):
        await desk.run()
    with pytest.raises(Unavailable, match="FOURHANDS_RUNNER"):
        await run_code(house.place, desk.order())
