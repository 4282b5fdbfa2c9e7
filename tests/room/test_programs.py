"""The programs of a room: begun, carried to their end, and ended with the room."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from fourhands.errors import Conflict, NotFound
from fourhands.execution.port import Event, Exit, Stage
from fourhands.model.role import Role
from fourhands.protocol import runs
from fourhands.room.programs import Programs, Starter
from fourhands.room.runs import RunBook
from tests.house import HandClock
from tests.room.programs import ADA, RUN, Hearers, Script, a_run


class Stand:
    def __init__(self) -> None:
        self.hearers = Hearers()
        self.programs = Programs(self.hearers, RunBook(kept=5, output_bytes=100), HandClock(), picture_bytes=10)

    async def over(self) -> runs.Run:
        async with asyncio.timeout(20):
            while not self.hearers.ended:  # noqa: ASYNC110 - told from a task, by a plain call
                await asyncio.sleep(0)
        return self.hearers.ended[-1]


async def test_a_program_is_there_until_its_end_was_told() -> None:
    stand, script = Stand(), Script()
    stand.programs.start(a_run(), script, by=ADA, input_bytes=10)
    assert stand.programs
    assert stand.programs.of(RUN).run.id == RUN
    await script.end(Stage("run"), Exit(stage="run", status="ok", code=0, wall_ms=3))
    assert (await stand.over()).status == "ok"
    assert not stand.programs
    with pytest.raises(NotFound):
        stand.programs.of(RUN)


async def test_an_id_is_taken_once_and_the_second_program_is_stopped() -> None:
    stand, first, second = Stand(), Script(), Script()
    stand.programs.start(a_run(), first, by=ADA, input_bytes=10)
    with pytest.raises(Conflict):
        stand.programs.start(a_run(), second, by=ADA, input_bytes=10)
    assert second.stopped.is_set()
    assert not first.stopped.is_set()
    await first.end()
    await stand.over()


async def test_all_are_stopped_together() -> None:
    stand, scripts = Stand(), [Script(), Script()]
    for number, script in enumerate(scripts):
        stand.programs.start(a_run(run=f"s000000000{number}"), script, by=ADA, input_bytes=10)
    stand.programs.stop()
    assert all(script.stopped.is_set() for script in scripts)
    for script in scripts:
        await script.end()
    await stand.over()


async def test_a_mistake_of_ours_loses_one_run_and_stops_its_program() -> None:
    class Broken(Script):
        async def __aiter__(self) -> AsyncIterator[Event]:
            raise RuntimeError("a mistake")
            yield

    stand, script = Stand(), Broken()
    stand.programs.start(a_run(), script, by=ADA, input_bytes=10)
    run = await stand.over()
    assert (run.status, script.stopped.is_set()) == ("lost", True)
    assert "logged" in (run.message or "")


async def test_those_of_some_people_are_stopped_by_what_they_are_now() -> None:
    stand, first, second = Stand(), Script(), Script()
    lin = replace(ADA.member, id="lin")
    stand.programs.start(a_run(run="s0000000001"), first, by=ADA, input_bytes=10)
    stand.programs.start(a_run(run="s0000000002"), second, by=Starter(lin), input_bytes=10)
    stand.programs.moved(replace(lin, role=Role.VIEWER))
    stand.programs.stop_of(lambda by: by.member.role is Role.VIEWER)
    assert (first.stopped.is_set(), second.stopped.is_set()) == (False, True)
    for script in (first, second):
        await script.end()
    await stand.over()
