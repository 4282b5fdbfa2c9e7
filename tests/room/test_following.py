"""What somebody changes at one instance is so at the other, at once, and as the store has it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fourhands.actions.change_member import change_member, remove_member
from fourhands.actions.change_room import Change, change_room
from fourhands.actions.end_room import end_room
from fourhands.actions.hear_event import change_self
from fourhands.actions.join_room import Wish, join_room
from fourhands.errors import Conflict, Forbidden, Unavailable
from fourhands.execution.port import Exit
from fourhands.model.role import Role
from fourhands.model.room import MemberState
from fourhands.protocol import events
from fourhands.protocol.close import CloseCode
from fourhands.room.following import MEMBER
from fourhands.room.programs import Starter
from tests.house import House, until
from tests.room.instances import two_instances, way_of
from tests.room.programs import Script, a_run


@pytest.fixture
async def houses(quick_dir: Path) -> AsyncIterator[tuple[House, House]]:
    async with two_instances(quick_dir) as opened:
        yield opened


async def test_a_role_a_name_and_a_removal_reach_a_connection_elsewhere(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    await one.enter(room_id, "Ada", role=Role.HOST)
    there, lin, screen = await two.enter(room_id, "Lin")
    await change_member(one.place, room_id, "ada", "lin", role=Role.VIEWER)
    await until(lambda: not lin.may_edit)
    assert screen.events("member.changed")[-1]["member"]["role"] == "viewer"
    await change_self(two.place, there, lin, events.MemberChange(name="Linda"))
    assert lin.member.name == "Linda"
    await change_member(one.place, room_id, "ada", "lin", state=MemberState.REMOVED)
    await until(lambda: screen.closed)
    assert screen.closed == (CloseCode.FORBIDDEN, "A host removed you from this room.")


async def test_who_is_removed_at_one_instance_has_no_programs_at_the_other(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    await one.enter(room_id, "Ada", role=Role.HOST)
    there, lin, _ = await two.enter(room_id, "Lin")
    script = Script()
    there.runs.start_program(a_run(), script, by=Starter(lin.member), input_bytes=10)
    await remove_member(one.place, room_id, "lin")
    await asyncio.wait_for(script.stopped.wait(), 60)
    await script.end(Exit(stage="run", status="killed", signal="SIGKILL"))
    await until(lambda: not there.has_programs)


async def test_an_instance_without_the_room_is_no_hindrance_and_no_way_around(houses: tuple[House, House]) -> None:
    """A link's key raises somebody who joins by an instance that has not loaded the room."""
    one, two = houses
    opened = await one.open()
    room_id = opened.room.id
    here, lin, _ = await one.enter(room_id, "Lin", role=Role.VIEWER)
    key = next(invite.key for invite in await one.store.invites(room_id) if invite.role is Role.EDITOR)
    assert two.registry.live(room_id) is None
    await join_room(two.place, room_id, Wish("Lin", key=key, member_id="lin"))
    await until(lambda: lin.may_edit)
    assert here.people()[0].role is Role.EDITOR


async def test_what_a_host_says_of_a_room_holds_at_the_other_instance(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    await one.enter(room_id, "Ada", role=Role.HOST)
    there, lin, screen = await two.enter(room_id, "Lin")
    await change_room(one.place, room_id, "ada", Change(title="Together", locked=True, read_only=True))
    await until(lambda: not lin.may_edit)
    assert (there.room.title, there.room.locked) == ("Together", True)
    assert screen.events("room.changed")[-1]["by"] == "ada"
    with pytest.raises(Forbidden):
        await join_room(two.place, room_id, Wish("Max"))


async def test_a_room_that_ends_is_left_by_everybody_everywhere(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    await one.enter(room_id, "Ada", role=Role.HOST)
    _, _, screen = await two.enter(room_id, "Lin")
    await end_room(one.place, room_id, "ada")
    await until(lambda: screen.closed)
    assert screen.closed is not None
    assert screen.closed[0] is CloseCode.ROOM_ENDED
    assert screen.events("room.ended")[0]["by"] == "ada"


async def test_words_that_overtake_each_other_end_in_what_the_store_has(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    await one.enter(room_id, "Ada", role=Role.HOST)
    _, lin, _ = await two.enter(room_id, "Lin")
    late: list[bytes] = []
    hears, way = way_of(two).hears_all[MEMBER], way_of(two)
    way.hears_all[MEMBER] = lambda origin, payload: late.append(payload)
    await change_member(one.place, room_id, "ada", "lin", role=Role.VIEWER)
    await change_member(one.place, room_id, "ada", "lin", role=Role.HOST)
    await until(lambda: len(late) == 2)
    for payload in reversed(late):
        hears("one", payload)
    await until(lambda: lin.member.role is Role.HOST)
    for payload in late[:1]:
        hears("one", payload)
    await asyncio.sleep(0)
    await two.place.following.member(lin.member, None)  # behind it: of a room one answer is applied after the other
    assert lin.member.role is Role.HOST


async def test_the_last_host_is_kept_whichever_instances_are_asked(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    me = (await one.store.members(room_id))[0]
    await one.enter(room_id, "Ada", role=Role.HOST)
    await change_member(two.place, room_id, "ada", me.id, state=MemberState.REMOVED)
    with pytest.raises(Conflict):
        await change_member(one.place, room_id, "ada", "ada", role=Role.EDITOR)


async def test_what_was_missed_while_others_were_not_reached_is_looked_up(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    await one.enter(room_id, "Ada", role=Role.HOST)
    there, lin, screen = await two.enter(room_id, "Lin")
    _, _, second = await two.enter(room_id, "Max")
    way_of(two).reached = False
    await change_member(one.place, room_id, "ada", "lin", state=MemberState.REMOVED)
    await change_room(one.place, room_id, "ada", Change(title="Elsewhere"))
    assert screen.closed is None
    way_of(two).reached = True
    told = len(second.events("member.changed"))
    await two.place.following.look(there)
    assert screen.closed is not None
    assert there.room.title == "Elsewhere"
    two.registry.live(room_id)
    there.leave(lin)
    await two.place.following.look(there)
    assert len(second.events("room.changed")) == 1, "nobody is told what they know"
    assert len(second.events("member.changed")) == told


async def test_while_the_store_is_away_what_was_said_holds_and_is_looked_up_later(houses: tuple[House, House], monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    there, lin, _ = await two.enter(room_id, "Lin")
    ask, away = two.store.member, [True]

    async def moody(room: str, member: str) -> object:
        if away:
            raise Unavailable("The database is away.", "database")
        return await ask(room, member)

    monkeypatch.setattr(two.store, "member", moody)
    await two.place.following.member(replace(lin.member, role=Role.VIEWER), None)
    assert lin.member.role is Role.VIEWER
    away.clear()
    await until(lambda: lin.member.role is Role.EDITOR)
    assert two.registry.live(room_id) is there


async def test_a_room_that_ended_meanwhile_is_found_to_have(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    there, _, screen = await two.enter(room_id, "Lin")
    way_of(two).reached = False
    await one.store.close_room(room_id, one.clock.now_ms())
    following = asyncio.create_task(two.place.following.run())
    await until(lambda: screen.closed)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert there.closed


async def test_a_word_that_may_have_been_lost_is_looked_up(houses: tuple[House, House]) -> None:
    one, two = houses
    room_id = (await one.open()).room.id
    await one.enter(room_id, "Ada", role=Role.HOST)
    _, lin, _ = await two.enter(room_id, "Lin")
    way = way_of(two)
    way.hears_all[MEMBER] = lambda origin, payload: None
    await change_member(one.place, room_id, "ada", "lin", role=Role.VIEWER)
    following = asyncio.create_task(two.place.following.run())
    for _ in range(3):
        await asyncio.sleep(0)
    assert lin.member.role is Role.EDITOR, "the others are reached"
    for gap in way.on_gap:
        gap()
    await until(lambda: lin.member.role is Role.VIEWER)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
