"""Tables and programs over several instances: each row once, what is gone goes, and who does not answer is left out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fourhands.desk.desk import Desk
from fourhands.desk.tables import FRESH_SECONDS
from fourhands.model.execution import Execution
from tests.actions.desks import desk_of
from tests.house import House, until
from tests.room.instances import two_instances, way_of


@pytest.fixture
async def desks(quick_dir: Path) -> AsyncIterator[tuple[House, House, Desk, Desk]]:
    async with two_instances(quick_dir) as (one, two):
        here, there = desk_of(one), desk_of(two)
        for desk in (here, there):
            desk._instances.say()  # pyright: ignore[reportPrivateUsage] - what `run` does
        await until(lambda: len(here.instances()) == len(there.instances()) == 2)
        yield one, two, here, there


async def test_a_room_at_both_is_one_row_and_people_are_where_they_are(desks: tuple[House, House, Desk, Desk]) -> None:
    one, two, desk, elsewhere = desks
    room_id = (await one.open()).room.id
    await one.enter(room_id, "Ada")
    _, lin, _ = await two.enter(room_id, "Lin")
    other = (await two.open()).room.id
    await two.enter(other, "Max")
    for looks in (desk, elsewhere):
        rooms = {row.id: row for row in (await looks.rooms.changes()).rows}
        assert {room: row.instances for room, row in rooms.items()} == {room_id: ("one", "two"), other: ("two",)}
        assert (rooms[room_id].people, rooms[room_id].connections) == (2, 2)
        people = (await looks.people.changes()).rows
        assert {(row.name, row.instance) for row in people} == {("Ada", "one"), ("Lin", "two"), ("Max", "two")}
        assert len({row.id for row in people}) == 3
    seen = await desk.people.changes()
    (await two.registry.get(room_id)).leave(lin)
    one.clock.pass_seconds(2 * FRESH_SECONDS)
    changed = await desk.people.changes(seen.tick)
    assert (changed.whole, len(changed.gone), len(changed.rows)) == (False, 1, 0)


async def test_who_asks_another_instance_next_is_told_all(desks: tuple[House, House, Desk, Desk]) -> None:
    one, _, desk, elsewhere = desks
    await one.enter((await one.open()).room.id, "Ada")
    first = await desk.rooms.changes()
    assert not (await desk.rooms.changes(first.tick)).whole
    assert (await elsewhere.rooms.changes(first.tick)).whole
    assert first.tick < 2**53


async def test_who_does_not_answer_is_left_out(desks: tuple[House, House, Desk, Desk]) -> None:
    one, two, desk, _ = desks
    await one.enter((await one.open()).room.id, "Ada")
    await two.enter((await two.open()).room.id, "Lin")
    assert len((await desk.rooms.changes()).rows) == 2
    way_of(two).reached = False
    one.clock.pass_seconds(2 * FRESH_SECONDS)
    assert len((await desk.rooms.changes()).rows) == 1
    way_of(two).reached = True
    one.clock.pass_seconds(2 * FRESH_SECONDS)
    assert len((await desk.rooms.changes()).rows) == 2


async def test_programs_of_all_are_shown_newest_first(desks: tuple[House, House, Desk, Desk]) -> None:
    _, _, desk, elsewhere = desks
    now_ms = 1_700_000_000_000
    desk.programs.heard(Execution("a", None, None, "python", "server", "ok", 10, None, None, now_ms))
    elsewhere.programs.heard(Execution("b", None, None, "python", "server", "killed", 10, None, None, now_ms + 5))
    elsewhere.programs.heard(Execution("c", None, None, "go", "browser", "ok", 1, None, None, now_ms + 1))
    for looks in (desk, elsewhere):
        shown = await looks.programs.everywhere()
        assert [execution.id for execution in shown.recent] == ["b", "a", "c"]
        assert [(of.language, of.ended, of.failed) for of in shown.languages] == [("python", 2, 1), ("go", 1, 0)]
