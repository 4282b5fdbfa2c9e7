"""Ending a room for everyone."""

import pytest

from fourhands.actions.end_room import end_room
from fourhands.errors import Forbidden, Gone, NotFound
from fourhands.model.role import Role
from fourhands.protocol.close import CloseCode
from tests.house import House


async def test_all_are_told_sent_away_and_the_room_is_erased(house: House) -> None:
    opened = await house.open()
    _, _, lin = await house.enter(opened.room.id, "Lin")
    await end_room(house.place, opened.room.id, opened.host.id)
    assert lin.events()[-1] == {"type": "room.ended", "by": opened.host.id}
    assert lin.closed is not None
    assert lin.closed[0] is CloseCode.ROOM_ENDED
    assert await house.store.load(opened.room.id) is None
    assert await house.store.member(opened.room.id, opened.host.id) is None
    for again in (end_room(house.place, opened.room.id, opened.host.id), house.registry.room_for(opened.room.id)):
        with pytest.raises(Gone):
            await again


async def test_a_room_that_nobody_is_in_can_be_ended_too(house: House) -> None:
    opened = await house.open()
    await end_room(house.place, opened.room.id, opened.host.id)
    with pytest.raises(Gone):
        await house.registry.get(opened.room.id)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
async def test_only_hosts_may(house: House, role: Role) -> None:
    opened = await house.open()
    _, lin, screen = await house.enter(opened.room.id, "Lin", role)
    for member_id in (lin.member.id, None):
        with pytest.raises(Forbidden, match="hosts"):
            await end_room(house.place, opened.room.id, member_id)
    assert screen.closed is None


async def test_there_must_be_a_room(house: House) -> None:
    with pytest.raises(NotFound):
        await end_room(house.place, "aaaa-aaaa-aaaa", "ada")


async def test_it_is_in_the_audit_log_who_ended_it_and_from_where(house: House) -> None:
    opened = await house.open()
    await end_room(house.place, opened.room.id, opened.host.id, address="192.0.2.7")
    (line,) = await house.store.audit.newest(9)
    assert (line.what, line.room_id, line.who.id, line.who.address) == ("room.ended", opened.room.id, opened.host.id, "192.0.2.7")
