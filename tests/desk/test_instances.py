"""Several instances on one desk: who they are, figures of all, and what an administrator does at one for the others."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest

from fourhands.actions.admin_end_room import cancel_ending, start_ending
from fourhands.actions.admin_say import say
from fourhands.actions.follow_words import follow_words
from fourhands.actions.hold_token import DELETED, send_away
from fourhands.desk.desk import Desk
from fourhands.desk.instances import HEARD_SECONDS, TOPIC, Instances, Told
from fourhands.errors import Conflict, NotFound, Unavailable
from fourhands.model.role import Role
from fourhands.model.room import Member
from fourhands.protocol.close import CloseCode
from fourhands.room.peer import Peer
from tests.actions.desks import ROOT, desk_of
from tests.house import House, until
from tests.room.instances import two_instances, way_of
from tests.room.screen import Screen


@dataclass(frozen=True)
class Pair:
    one: House
    two: House
    desk: Desk
    elsewhere: Desk

    def tell(self) -> None:
        """Both say how they are, as they do every other second."""
        for desk in (self.desk, self.elsewhere):
            told = desk._instances  # pyright: ignore[reportPrivateUsage] - what `run` does
            told.say()
            desk.endings.say()

    async def known(self) -> None:
        self.tell()
        await until(lambda: len(self.desk.instances()) == len(self.elsewhere.instances()) == 2)


@pytest.fixture
async def pair(quick_dir: Path) -> AsyncIterator[Pair]:
    async with two_instances(quick_dir) as (one, two):
        opened = Pair(one, two, desk_of(one), desk_of(two))
        follow_words(one.place, opened.desk)
        follow_words(two.place, opened.elsewhere)
        yield opened
        for desk in (opened.desk, opened.elsewhere):
            await desk.endings.stop()


async def test_each_is_shown_until_it_is_lost_or_says_nothing_any_more(pair: Pair) -> None:
    assert pair.desk.instances() == ["one"]
    await pair.known()
    assert [row.id for row in (await pair.desk.server()).instances] == ["one", "two"]
    assert (await pair.desk.server()).redis == "reached"
    pair.one.clock.pass_seconds(HEARD_SECONDS)
    assert pair.desk.instances() == ["one"]
    await pair.known()
    way_of(pair.two).end()
    assert pair.desk.instances() == ["one"]


async def test_figures_are_of_all_and_a_room_that_both_have_is_one(pair: Pair) -> None:
    room_id = (await pair.one.open()).room.id
    await pair.one.enter(room_id, "Ada")
    await pair.two.enter(room_id, "Lin")
    await pair.two.enter((await pair.two.open()).room.id, "Max")
    own = await pair.desk.figures.sample()
    assert (own.rooms, own.people, own.connections) == (1, 1, 1), "the other has not said anything yet"
    await pair.elsewhere.figures.sample()
    await pair.known()
    whole = await pair.desk.figures.sample()
    assert (whole.rooms, whole.people, whole.connections) == (2, 3, 3)
    assert whole.memory_bytes > own.memory_bytes
    row = (await pair.desk.server()).instances[0]
    assert row.figures is not None
    assert row.figures.connections == 1, "each shows its own"


async def test_the_slowest_says_what_an_edit_waits(pair: Pair) -> None:
    own = replace(await pair.desk.figures.sample(), edit_p99_ms=None, commit_p99_ms=4.0)
    others = Instances(pair.one.registry, pair.one.clock, pair.desk._row)  # pyright: ignore[reportPrivateUsage]
    told = pair.elsewhere._row(replace(own, edit_p99_ms=7.0, commit_p99_ms=2.0))  # pyright: ignore[reportPrivateUsage]
    way_of(pair.one).hears_all[TOPIC]("two", msgspec.msgpack.encode(Told(told)))
    whole = others.together(own)
    assert (whole.edit_p99_ms, whole.commit_p99_ms, whole.edit_p50_ms) == (7.0, 4.0, None)


async def test_a_message_is_heard_at_all_and_its_hearers_are_counted(pair: Pair) -> None:
    room_id = (await pair.one.open()).room.id
    _, _, here = await pair.one.enter(room_id, "Ada")
    _, _, there = await pair.two.enter(room_id, "Lin")
    _, _, other = await pair.two.enter((await pair.two.open()).room.id, "Max")
    await pair.known()
    assert await say(pair.one.place, pair.desk, ROOT, "In ten minutes.", room_id) == 2
    assert await say(pair.one.place, pair.desk, ROOT, "Good night.") == 3
    assert [len(screen.events("notice")) for screen in (here, there, other)] == [2, 2, 1]


async def test_a_room_that_is_about_to_end_is_so_everywhere_and_is_called_off_from_anywhere(pair: Pair) -> None:
    room_id = (await pair.one.open()).room.id
    _, _, here = await pair.one.enter(room_id, "Ada")
    _, _, there = await pair.two.enter(room_id, "Lin")
    await pair.known()
    await start_ending(pair.one.place, pair.desk, ROOT, room_id, erases=True)
    await until(lambda: there.events("room.ending"))
    _, _, late = await pair.two.enter(room_id, "Max")
    assert late.events("room.ending"), "whoever joins is told"
    with pytest.raises(Conflict):
        await start_ending(pair.two.place, pair.elsewhere, ROOT, room_id, erases=True)
    await cancel_ending(pair.two.place, pair.elsewhere, ROOT, room_id)
    await until(lambda: here.events("room.ending_cancelled") and there.events("room.ending_cancelled"))
    with pytest.raises(NotFound):
        await cancel_ending(pair.one.place, pair.desk, ROOT, room_id)
    pair.tell()
    await asyncio.sleep(0)
    assert [len(screen.events("room.ending_cancelled")) for screen in (here, there, late)] == [1, 1, 1]


async def test_when_its_time_is_up_everybody_everywhere_is_sent_away(pair: Pair) -> None:
    room_id = (await pair.one.open()).room.id
    _, _, there = await pair.two.enter(room_id, "Lin")
    await pair.known()
    pair.desk.endings.start(room_id, 0.01, erases=False, ended=lambda: asyncio.sleep(0))
    await until(lambda: there.closed)
    assert there.closed is not None
    assert there.closed[0] is CloseCode.ROOM_ENDED
    await until(lambda: room_id not in pair.two.registry.endings and room_id not in pair.one.registry.endings)
    assert not there.events("room.ending_cancelled")


async def test_the_endings_of_an_instance_that_is_lost_are_called_off(pair: Pair) -> None:
    room_id = (await pair.one.open()).room.id
    _, _, there = await pair.two.enter(room_id, "Lin")
    await pair.known()
    await start_ending(pair.one.place, pair.desk, ROOT, room_id, erases=True)
    await until(lambda: there.events("room.ending"))
    way_of(pair.one).reached = False
    with pytest.raises(Unavailable):
        await cancel_ending(pair.two.place, pair.elsewhere, ROOT, room_id)
    way_of(pair.one).end()
    assert there.events("room.ending_cancelled")
    assert room_id not in pair.two.registry.endings


async def test_whose_account_is_deleted_is_sent_away_everywhere(pair: Pair) -> None:
    opened = await pair.one.open()
    member = Member("ada", opened.room.id, "Ada", "#1d4ed8", Role.EDITOR, 1, account_id="an-account")
    room, screen = await pair.two.registry.get(opened.room.id), Screen()
    await pair.two.store.add_member(replace(member, account_id=None))
    room.join(Peer(member, screen, events=True))
    send_away(pair.one.place, "an-account")
    await until(lambda: screen.closed)
    assert screen.closed == (CloseCode.UNAUTHENTICATED, DELETED)
