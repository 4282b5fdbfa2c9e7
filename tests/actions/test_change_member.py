"""What hosts say of people: written, told, and effective on live connections."""

import json

import pytest

from fourhands.actions.change_member import change_member, members_of, remove_member
from fourhands.errors import Conflict, Forbidden, InvalidRequest, NotFound
from fourhands.model.entry import EntryKind
from fourhands.model.role import Role
from fourhands.model.room import MemberState
from tests.house import House


async def test_a_role_is_kept_marked_and_told(house: House) -> None:
    opened = await house.open()
    _, lin, screen = await house.enter(opened.room.id, "Lin", Role.VIEWER)
    member = await change_member(house.place, opened.room.id, opened.host.id, "lin", role=Role.EDITOR)
    assert (member.role, member.role_fixed, lin.may_edit) == (Role.EDITOR, True, True)
    (said,) = screen.events("member.changed")
    assert (said["member"]["role"], said["by"]) == ("editor", opened.host.id)
    await house.written()
    (entry,) = await house.store.tail(opened.room.id, EntryKind.MEMBER, 5)
    assert json.loads(entry.payload) == {"change": "member", "of": "lin", "role": "editor", "state": "in", "member": opened.host.id}


async def test_it_is_in_the_audit_log_who_changed_whom(house: House) -> None:
    opened = await house.open()
    await house.enter(opened.room.id, "Lin", Role.VIEWER)
    await change_member(house.place, opened.room.id, opened.host.id, "lin", role=Role.EDITOR, address="192.0.2.7")
    (line,) = await house.store.audit.newest(9)
    assert (line.what, line.who.id, line.who.address, line.on) == ("member.changed", opened.host.id, "192.0.2.7", "lin")
    assert line.detail == {"role": "editor", "state": "in"}


async def test_the_server_removes_in_nobodys_name(house: House) -> None:
    opened = await house.open()
    _, _, screen = await house.enter(opened.room.id, "Lin")
    _, _, other = await house.enter(opened.room.id, "Eve")
    assert (await remove_member(house.place, opened.room.id, "lin")).state is MemberState.REMOVED
    assert screen.closed is not None
    assert [said["by"] for said in other.events("member.removed")] == [None]


async def test_hosts_see_who_is_in_and_who_was_removed(house: House) -> None:
    opened = await house.open()
    await house.enter(opened.room.id, "Lin")
    await house.enter(opened.room.id, "Eve")
    await change_member(house.place, opened.room.id, opened.host.id, "lin", state=MemberState.REMOVED)
    found = await members_of(house.place, opened.room.id, opened.host.id)
    assert {(one.id, one.state) for one in found} >= {("eve", MemberState.IN), ("lin", MemberState.REMOVED)}
    with pytest.raises(Forbidden):
        await members_of(house.place, opened.room.id, "eve")
    with pytest.raises(Forbidden):
        await members_of(house.place, opened.room.id, None)


async def test_what_makes_no_sense_is_refused(house: House) -> None:
    opened = await house.open()
    with pytest.raises(NotFound):
        await change_member(house.place, opened.room.id, opened.host.id, "nobody", role=Role.HOST)
    with pytest.raises(InvalidRequest, match="themselves"):
        await change_member(house.place, opened.room.id, opened.host.id, opened.host.id, state=MemberState.REMOVED)
    with pytest.raises(InvalidRequest, match="back to wait"):
        await change_member(house.place, opened.room.id, opened.host.id, opened.host.id, state=MemberState.WAITING)
    with pytest.raises(Conflict, match="needs a host"):
        await change_member(house.place, opened.room.id, opened.host.id, opened.host.id, role=Role.EDITOR)
