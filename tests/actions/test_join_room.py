"""Joining: by a key, without one, and once more."""

from pathlib import Path

import pytest

from fourhands.actions.join_room import Wish, join_room, member_of
from fourhands.errors import Forbidden, Gone, InvalidRequest, NotFound
from fourhands.model.limits import Limits
from fourhands.model.people import COLORS
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Member
from fourhands.protocol.sync import Kind
from fourhands.room.peer import Peer
from tests.house import House, open_house
from tests.room.screen import Screen


async def join(house: House, room_id: str, name: str = "Lin", *, key: str | None = None, member_id: str | None = None, color: str | None = None) -> Member:
    _, member = await join_room(house.place, room_id, Wish(name, color, key, member_id=member_id))
    return member


async def test_without_a_key_one_is_what_guests_are(house: House) -> None:
    for guest_role in (GuestRole.EDITOR, GuestRole.VIEWER):
        room_id = (await house.open(guest_role=guest_role)).room.id
        member = await join(house, room_id)
        assert (member.role.value, member.name) == (guest_role.value, "Lin")
        assert await house.store.member(room_id, member.id) == member


async def test_a_room_may_take_nobody_without_a_key(house: House) -> None:
    opened = await house.open(guest_role=GuestRole.NONE)
    with pytest.raises(Forbidden, match="invitation"):
        await join(house, opened.room.id)
    for role, key in opened.keys.items():
        assert (await join(house, opened.room.id, key=key)).role is role


async def test_a_key_decides_the_role(house: House) -> None:
    opened = await house.open(guest_role=GuestRole.EDITOR)
    for role, key in opened.keys.items():
        assert (await join(house, opened.room.id, key=key)).role is role


@pytest.mark.parametrize("key", ["x", "ü", "0" * 26, "\0"])
async def test_a_key_that_is_no_key_is_refused(house: House, key: str) -> None:
    opened = await house.open()
    with pytest.raises(Forbidden, match="key"):
        await join(house, opened.room.id, key=key)
    assert await house.store.count_members(opened.room.id) == 1


async def test_another_rooms_key_opens_nothing(house: House) -> None:
    one, other = await house.open(), await house.open(guest_role=GuestRole.NONE)
    with pytest.raises(Forbidden):
        await join(house, other.room.id, key=one.keys[Role.HOST])


async def test_who_comes_again_is_the_same_with_a_new_name_and_no_less_a_role(house: House) -> None:
    opened = await house.open(name="Ada", guest_role=GuestRole.VIEWER)
    again = await join(house, opened.room.id, "Ada L.", member_id=opened.host.id, color="#000000")
    assert (again.id, again.role, again.name, again.color) == (opened.host.id, Role.HOST, "Ada L.", "#000000")
    for key in (opened.keys[Role.VIEWER], "not a key"):
        assert (await join(house, opened.room.id, key=key, member_id=opened.host.id)).role is Role.HOST
    assert await house.store.count_members(opened.room.id) == 1
    assert again.color == (await member_of(house.place, opened.room.id, opened.host.id)).color, "a colour that is not named stays"


async def test_a_better_key_raises_the_role_of_a_live_connection(house: House) -> None:
    opened = await house.open(guest_role=GuestRole.VIEWER)
    viewer = await join(house, opened.room.id)
    room, screen = await house.registry.get(opened.room.id), Screen()
    peer = Peer(viewer, screen, events=True)
    room.join(peer)
    screen.take()
    raised = await join(house, opened.room.id, key=opened.keys[Role.EDITOR], member_id=viewer.id)
    assert (raised.role, peer.member.role) == (Role.EDITOR, Role.EDITOR)
    assert [message.kind for message in screen.messages] == [Kind.STEP1, Kind.EVENT]
    assert screen.events("member.changed")[0]["member"]["role"] == "editor"


async def test_somebody_whom_the_room_has_forgotten_is_new(house: House) -> None:
    room_id = (await house.open()).room.id
    member = await join(house, room_id, member_id="0000000000000000")
    assert member.id != "0000000000000000"


async def test_people_who_choose_no_colour_get_different_ones(house: House) -> None:
    opened = await house.open()
    colors = [opened.host.color, *[(await join(house, opened.room.id, f"Guest {n}")).color for n in range(4)]]
    assert colors == list(COLORS[:5])


@pytest.mark.parametrize("name", ["", " ", "x" * 41])
async def test_a_bad_name_is_refused(house: House, name: str) -> None:
    with pytest.raises(InvalidRequest):
        await join(house, (await house.open()).room.id, name)


async def test_there_must_be_a_room(house: House) -> None:
    with pytest.raises(NotFound):
        await join(house, "aaaa-aaaa-aaaa")
    room_id = (await house.open()).room.id
    await house.store.end_room(room_id, 1)
    with pytest.raises(Gone):
        await join(house, room_id)
    with pytest.raises(NotFound):
        await member_of(house.place, room_id, "nobody")


async def test_everybody_who_joins_is_noted_once_where_the_operator_wants_that(quick_dir: Path) -> None:
    for wanted, noted in ((False, []), (True, ["member.joined"])):
        folder = quick_dir / str(wanted)
        folder.mkdir()
        async with open_house(folder, Limits(audit_joins=wanted)) as house:
            opened = await house.open()
            _, member = await join_room(house.place, opened.room.id, Wish("Lin"))
            await join_room(house.place, opened.room.id, Wish("Lin", member_id=member.id))
            found = await house.place.store.audit.newest(10)
            assert [one.what for one in found] == noted
            assert [one.on for one in found] == [member.id] * len(noted)
