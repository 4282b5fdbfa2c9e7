"""The lobby of a live room, and hosts' words that go before what was read a moment ago."""

import asyncio
from dataclasses import replace

import pytest

from fourhands.errors import Forbidden, Gone, Unavailable
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from fourhands.model.room import Member, MemberState
from fourhands.protocol.close import CloseCode
from fourhands.room.doors import FRESH_SECONDS, member_moved, wait
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer
from tests.house import House
from tests.room.screen import Screen


async def waiting(room: LiveRoom, name: str = "Lin") -> tuple[Member, Screen, asyncio.Task[Member]]:
    member = Member(name.lower(), room.room.id, name, "#1d4ed8", Role.EDITOR, 1, MemberState.WAITING)
    screen = Screen()
    task = asyncio.ensure_future(wait(room, member, screen, speaks_events=True))
    await asyncio.sleep(0)
    return member, screen, task


async def test_who_waits_is_told_so_and_hosts_are_told_who(house: House) -> None:
    opened = await house.open()
    room, _, host = await house.enter(opened.room.id, "Ada", Role.HOST)
    _, _, editor = await house.enter(opened.room.id, "Eve")
    member, screen, task = await waiting(room)
    assert [one["me"]["name"] for one in screen.events("lobby.wait")] == ["Lin"]
    assert len(host.events("lobby.knock")) == 1
    assert editor.events("lobby.knock") == []
    assert room.people() != []
    assert [one.id for one in room.doors.people()] == ["lin"]
    let_in = replace(member, state=MemberState.IN)
    member_moved(room, let_in, "ada")
    assert await task == let_in
    assert (room.doors.people(), len(host.events("lobby.left"))) == ([], 1)


async def test_who_is_refused_or_too_many_or_behind_a_closed_room_is_sent_away(house: House) -> None:
    opened = await house.open()
    room, _, _ = await house.enter(opened.room.id, "Ada", Role.HOST)
    member, _, refused = await waiting(room)
    member_moved(room, replace(member, state=MemberState.REMOVED), "ada")
    with pytest.raises(Forbidden, match="did not let you in"):
        await refused
    _, _, ended = await waiting(room, "Eve")
    room.limits = Limits(people_per_room=1)
    with pytest.raises(Unavailable, match="Too many"):
        await (await waiting(room, "Grace"))[2]
    room.close(CloseCode.ROOM_ENDED, "This room has ended.")
    with pytest.raises(Gone):
        await ended


async def test_a_room_that_somebody_waits_at_stays_in_memory(house: House) -> None:
    opened = await house.open()
    room = await house.registry.get(opened.room.id)
    _, _, task = await waiting(room)
    house.clock.pass_seconds(house.limits.idle_seconds + 1)
    await house.registry.sweep()
    assert house.registry.live(opened.room.id) is room
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    house.clock.pass_seconds(house.limits.idle_seconds + 1)
    await house.registry.sweep()
    assert house.registry.live(opened.room.id) is None


async def test_nobody_comes_in_by_what_was_read_before_a_hosts_word(house: House) -> None:
    opened = await house.open()
    room, _, _ = await house.enter(opened.room.id, "Ada", Role.HOST)
    read = Member("lin", room.room.id, "Lin", "#1d4ed8", Role.EDITOR, 1)
    member_moved(room, replace(read, state=MemberState.REMOVED), "ada")
    with pytest.raises(Forbidden, match="removed you"):
        room.join(Peer(read, Screen(), events=True))
    member_moved(room, replace(read, role=Role.VIEWER), "ada")
    peer = Peer(read, Screen(), events=True)
    room.join(peer)
    assert (peer.member.role, peer.may_edit) == (Role.VIEWER, False)
    house.clock.pass_seconds(FRESH_SECONDS)
    assert room.doors.newest(read) is read
