"""A room is ended by an administrator: noted before, and once more when it is done."""

import asyncio

import pytest

from fourhands.actions.admin_end_room import cancel_ending, start_ending
from fourhands.errors import Conflict, Gone, NotFound
from tests.actions.desks import ROOT, desk_of, lines
from tests.house import House


async def test_it_is_noted_that_it_begins_and_that_it_is_done(house: House) -> None:
    desk = desk_of(house, ending_seconds=0)
    room_id = (await house.open()).room.id
    _, _, screen = await house.enter(room_id)
    await start_ending(house.place, desk, ROOT, room_id, erases=True)
    for _ in range(2000):
        if len(await lines(house)) == 2:
            break
        await asyncio.sleep(0.01)
    assert await lines(house) == [("admin.room_ending", "root", room_id), ("room.ended", "root", room_id)]
    assert screen.closed is not None
    with pytest.raises(Gone):
        await start_ending(house.place, desk, ROOT, room_id, erases=True)


async def test_it_is_called_off_once(house: House) -> None:
    desk = desk_of(house)
    room_id = (await house.open()).room.id
    await start_ending(house.place, desk, ROOT, room_id, erases=True)
    with pytest.raises(Conflict):
        await start_ending(house.place, desk, ROOT, room_id, erases=True)
    await cancel_ending(house.place, desk, ROOT, room_id)
    with pytest.raises(NotFound):
        await cancel_ending(house.place, desk, ROOT, room_id)
    assert [what for what, _, _ in await lines(house)] == ["admin.room_ending", "admin.room_ending_cancelled"]
