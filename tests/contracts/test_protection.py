"""What every store must do with the audit log and with bans, as `store/protection.py` says it."""

import time

import pytest

from fourhands.errors import Conflict, NotFound
from fourhands.model.audit import SERVER, Noted, Who
from fourhands.model.ban import Ban
from fourhands.store.port import Store

ADA = Who("member", "ada", "Ada é", "192.0.2.7")
ROOT = Who("account", "root-id", "Root", "2001:db8::1")
TODAY_MS = int(time.time() * 1000)


async def fill(store: Store) -> None:
    await store.audit.add(Noted("room.ended", ADA, 100, "aaaa-aaaa-aaaa", "", {"people": 2, "kept": False, "why": None, "title": "Ünïcode'; --"}))
    await store.audit.add(Noted("room.changed", ADA, 200, "bbbb-bbbb-bbbb"))
    await store.audit.add(Noted("roommate.left", SERVER, 300))
    await store.audit.add(Noted("admin.ban", ROOT, 400, on="192.0.2.0/24"))


def words(found: "list[Noted] | object") -> list[str]:
    return [one.what for one in found]  # type: ignore[union-attr]


class TestAudit:
    async def test_lines_come_back_as_they_were_noted_in_their_order(self, store: Store) -> None:
        await fill(store)
        lines = await store.audit.oldest(10)
        assert words(lines) == ["room.ended", "room.changed", "roommate.left", "admin.ban"]
        first = lines[0]
        assert (first.who, first.at_ms, first.room_id, first.on) == (ADA, 100, "aaaa-aaaa-aaaa", "")
        assert first.detail == {"people": 2, "kept": False, "why": None, "title": "Ünïcode'; --"}
        assert (lines[3].who, lines[3].on) == (ROOT, "192.0.2.0/24")
        assert [one.id for one in lines] == sorted({one.id for one in lines})

    async def test_they_are_read_a_page_at_a_time_from_either_end(self, store: Store) -> None:
        await fill(store)
        newest = await store.audit.newest(3)
        assert words(newest) == ["admin.ban", "roommate.left", "room.changed"]
        assert words(await store.audit.newest(3, before=newest[-1].id)) == ["room.ended"]
        oldest = await store.audit.oldest(3)
        assert words(await store.audit.oldest(3, after=oldest[-1].id)) == ["admin.ban"]

    async def test_they_are_found_by_word_by_person_by_room_and_by_time(self, store: Store) -> None:
        await fill(store)
        assert words(await store.audit.oldest(9, what="room")) == ["room.ended", "room.changed"]
        assert words(await store.audit.oldest(9, what="room.ended")) == ["room.ended"]
        assert words(await store.audit.oldest(9, what="room%")) == []
        assert words(await store.audit.oldest(9, who="ada")) == ["room.ended", "room.changed"]
        assert words(await store.audit.newest(9, room_id="bbbb-bbbb-bbbb", who="ada")) == ["room.changed"]
        assert words(await store.audit.oldest(9, since_ms=200, until_ms=400)) == ["room.changed", "roommate.left"]

    async def test_old_ones_are_forgotten_some_at_a_time_and_none_younger_than_a_day(self, store: Store) -> None:
        await fill(store)
        await store.audit.add(Noted("room.ended", ADA, TODAY_MS))
        assert [await store.audit.forget(400, 2) for _ in range(3)] == [2, 1, 0]
        assert await store.audit.forget(TODAY_MS + 86_400_000, 9) == 1
        assert words(await store.audit.oldest(9)) == ["room.ended"]

    async def test_an_id_is_never_given_twice(self, store: Store) -> None:
        await fill(store)
        last = (await store.audit.newest(1))[0].id
        await store.audit.forget(TODAY_MS, 9)
        await store.audit.add(Noted("room.ended", ADA, 1))
        assert (await store.audit.newest(1))[0].id > last


class TestBans:
    async def test_bans_are_kept_and_lifted(self, store: Store) -> None:
        one = Ban("1", "address", "192.0.2.0/24", "floods; 'quotes'", "Root", 10, None)
        two = Ban("2", "account", "ada", "", "Root", 20, 500)
        await store.bans.add(two)
        await store.bans.add(one)
        assert await store.bans.all() == [one, two]
        with pytest.raises(Conflict):
            await store.bans.add(one)
        assert await store.bans.remove("1") == one
        with pytest.raises(NotFound):
            await store.bans.remove("1")
        assert await store.bans.all() == [two]

    async def test_those_that_are_over_are_forgotten(self, store: Store) -> None:
        for number, until_ms in ((1, 500), (2, 501), (3, None)):
            await store.bans.add(Ban(str(number), "account", "ada", "", "Root", 10, until_ms))
        assert await store.bans.forget(500) == 1
        assert [ban.id for ban in await store.bans.all()] == ["2", "3"]
