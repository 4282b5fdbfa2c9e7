"""An administrator removes somebody from a room."""

import pytest

from fourhands.actions.admin_remove import remove
from fourhands.actions.join_room import Wish, join_room
from fourhands.errors import Forbidden, NotFound
from fourhands.model.room import MemberState
from fourhands.protocol.close import CloseCode
from tests.actions.desks import ROOT, lines
from tests.house import House


async def test_their_connections_end_and_they_do_not_come_back(house: House) -> None:
    room_id = (await house.open()).room.id
    _, peer, screen = await house.enter(room_id, "Eve")
    _, _, other = await house.enter(room_id, "Lin")
    removed = await remove(house.place, ROOT, room_id, peer.member.id)
    assert removed.state is MemberState.REMOVED
    assert screen.closed is not None
    assert screen.closed[0] is CloseCode.FORBIDDEN
    assert other.closed is None
    with pytest.raises(Forbidden):
        await join_room(house.place, room_id, Wish(name="Eve", member_id=peer.member.id))
    assert await lines(house) == [("admin.member_removed", "root", room_id)]


async def test_somebody_who_never_joined_cannot_be_removed(house: House) -> None:
    room_id = (await house.open()).room.id
    for room, member in ((room_id, "nobody"), ("aaaa-bbbb-cccc", "nobody")):
        with pytest.raises(NotFound):
            await remove(house.place, ROOT, room, member)
    assert await lines(house) == []
