"""Rooms end when their hosts said."""

from pathlib import Path

import pytest

from fourhands.actions.change_room import Change, change_room
from fourhands.actions.expire_rooms import expire_rooms
from fourhands.errors import Gone, InvalidRequest
from fourhands.protocol.close import CloseCode
from tests.house import House, until
from tests.room.instances import two_instances, way_of


async def test_a_room_is_ended_at_its_time_and_not_before(house: House) -> None:
    opened, other = await house.open(), await house.open()
    _, _, screen = await house.enter(opened.room.id, "Lin")
    due = house.clock.now_ms() + 60_000
    await change_room(house.place, opened.room.id, opened.host.id, Change(expires_at_ms=due))
    assert await expire_rooms(house.place) == 0
    house.clock.pass_seconds(60)
    with pytest.raises(Gone):
        await house.registry.room_for(opened.room.id)
    assert await expire_rooms(house.place) == 1
    assert screen.closed is not None
    assert screen.closed[0] is CloseCode.ROOM_ENDED
    assert await expire_rooms(house.place) == 0
    assert await house.registry.room_for(other.room.id) == other.room


async def test_the_end_lies_ahead_and_within_a_year(house: House) -> None:
    opened = await house.open()
    for at_ms in (house.clock.now_ms(), house.clock.now_ms() + 367 * 86_400_000):
        with pytest.raises(InvalidRequest, match="ahead"):
            await change_room(house.place, opened.room.id, opened.host.id, Change(expires_at_ms=at_ms))


async def test_of_several_instances_one_ends_a_room_and_everybody_everywhere_leaves_it(quick_dir: Path) -> None:
    async with two_instances(quick_dir) as (one, two):
        opened = await one.open()
        await change_room(one.place, opened.room.id, opened.host.id, Change(expires_at_ms=one.clock.now_ms() + 1000))
        _, _, screen = await two.enter(opened.room.id, "Lin")
        one.clock.pass_seconds(2)
        assert await expire_rooms(two.place) == 0, "it is the other's turn"
        assert await expire_rooms(one.place) == 1
        await until(lambda: screen.closed)
        way_of(one).end()
        assert await expire_rooms(two.place) == 0
        assert [noted.what for noted in await one.store.audit.oldest(100)].count("room.ended") == 1
