"""The desk as a whole: what it says of the server, and what it hears."""

import asyncio
from collections.abc import Callable

import pytest

from fourhands.desk.desk import ASKED_SECONDS, About, Desk, LogDial
from fourhands.errors import Unavailable
from fourhands.execution.executor import switched_off
from fourhands.model.execution import Execution
from tests.house import House


def desk_of(house: House, turn: Callable[[str], None] = lambda level: None) -> Desk:
    about = About({"fourhands": "1"}, "sqlite", 30, 500)
    return Desk(
        house.registry, house.journal, house.clock, store=house.store, executor=switched_off(), mode=house.place.mode, about=about, dial=LogDial("info", turn)
    )  # fmt: skip


async def test_the_server_says_what_is_wrong_with_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = desk_of(house)
    server = await desk.server()
    assert (server.database.writing, server.database.problem, server.database.milliseconds) == (True, "", 0)
    assert "FOURHANDS_RUNNER=off" in server.programs_problem

    async def away(room_id: str) -> None:
        raise Unavailable("The disk is full.", "database")

    monkeypatch.setattr(house.store, "room", away)
    assert (await desk.server()).database.problem == "", "it is not asked at each look"
    house.clock.pass_seconds(ASKED_SECONDS)
    assert (await desk.server()).database.problem == "The disk is full."


async def test_it_hears_of_commits_and_of_programs_that_ended(house: House) -> None:
    desk = desk_of(house)
    house.registry.executions.put(Execution("r", None, None, "c", "browser", "error", 1, None, None, 1))
    room_id = (await house.open()).room.id
    await house.enter(room_id)
    room = house.registry.live(room_id)
    assert room is not None
    room.keep(room.peers[0], b"\x00\x00")
    await house.written()
    sample = await desk.figures.sample()
    assert (sample.programs_ended, sample.programs_failed) == (1, 1)
    assert sample.commit_p99_ms is not None


async def test_the_level_that_is_shown_is_the_one_that_holds(house: House) -> None:
    turned: list[str] = []
    desk = desk_of(house, turned.append)
    desk.dial.set("debug")
    assert ((await desk.server()).log_level, turned) == ("debug", ["debug"])


async def test_when_it_stops_no_room_is_ended_any_more(house: House) -> None:
    desk = desk_of(house)
    room_id = (await house.open()).room.id
    _, _, screen = await house.enter(room_id)

    async def ended() -> None: ...

    running = asyncio.create_task(desk.run())
    await asyncio.sleep(0)
    desk.endings.start(room_id, 0.01, erases=True, ended=ended)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await asyncio.sleep(0.02)
    assert screen.closed is None
