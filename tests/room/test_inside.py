"""Who is in a room is told where nobody of it is, without loading it, and who does not answer is left out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fourhands.actions.show_room import show_room
from fourhands.errors import Unavailable
from fourhands.room.inside import TOPIC
from tests.house import House
from tests.room.instances import two_instances


@pytest.fixture
async def houses(quick_dir: Path) -> AsyncIterator[tuple[House, House]]:
    async with two_instances(quick_dir) as opened:
        yield opened


async def test_who_is_inside_is_told_by_an_instance_that_does_not_have_the_room(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    assert (await show_room(two.place, room_id, None)).people == []
    await one.enter(room_id, "Ada")
    await one.enter(room_id, "Lin")
    assert [member.name for member in (await show_room(two.place, room_id, None)).people] == ["Ada", "Lin"]
    assert two.registry.live(room_id) is None, "looking loads nothing"


async def test_who_does_not_answer_is_left_out(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    await one.enter(room_id, "Ada")
    assert one.registry.sharing is not None

    async def away(origin: str, payload: bytes) -> bytes:
        raise Unavailable("not now", "the test")

    one.registry.sharing.answers[TOPIC] = away
    assert await two.place.inside.people(room_id) == []


async def test_one_alone_asks_nobody(house: House) -> None:
    room_id = (await house.open()).room.id
    assert await house.place.inside.people(room_id) == ()
    await house.enter(room_id, "Ada")
    assert [member.name for member in await house.place.inside.people(room_id)] == ["Ada"]
