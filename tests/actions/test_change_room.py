"""Changing a room."""

import json

import pytest

from fourhands.actions.change_room import Change, change_room
from fourhands.errors import Forbidden, InvalidRequest, NotFound
from fourhands.model.entry import EntryKind
from fourhands.model.role import GuestRole, Role
from tests.house import House


async def test_a_host_changes_what_is_given_and_all_hear_of_it(house: House) -> None:
    opened = await house.open(title="Before")
    _, _, screen = await house.enter(opened.room.id, "Lin")
    room = await change_room(house.place, opened.room.id, opened.host.id, Change(title=" After ", guest_role=GuestRole.VIEWER))
    assert (room.title, room.guest_role) == ("After", GuestRole.VIEWER)
    assert await house.store.room(opened.room.id) == room
    (said,) = screen.events("room.changed")
    assert (said["room"]["title"], said["room"]["guest_role"], said["by"]) == ("After", "viewer", opened.host.id)
    await house.written()
    (entry,) = await house.store.tail(opened.room.id, EntryKind.ROOM, 5)
    assert json.loads(entry.payload)["title"] == "After"
    room = await change_room(house.place, opened.room.id, opened.host.id, Change())
    assert (room.title, room.guest_role) == ("After", GuestRole.VIEWER)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
async def test_others_may_not(house: House, role: Role) -> None:
    opened = await house.open(title="Before")
    _, lin, _ = await house.enter(opened.room.id, "Lin", role)
    for member_id in (lin.member.id, None):
        with pytest.raises(Forbidden, match="hosts"):
            await change_room(house.place, opened.room.id, member_id, Change(title="After"))
    assert await house.store.room(opened.room.id) == opened.room


async def test_a_long_title_changes_nothing(house: House) -> None:
    opened = await house.open(title="Before")
    with pytest.raises(InvalidRequest):
        await change_room(house.place, opened.room.id, opened.host.id, Change(title="x" * 81, guest_role=GuestRole.NONE))
    assert await house.store.room(opened.room.id) == opened.room


async def test_there_must_be_a_room(house: House) -> None:
    with pytest.raises(NotFound):
        await change_room(house.place, "aaaa-aaaa-aaaa", "ada", Change(title="x"))
