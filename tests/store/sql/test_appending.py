"""Commits of several instances to the same rooms: one order of positions a room, whoever writes, and no deadlock."""

import asyncio

import pytest

from fourhands.model.entry import Entry, EntryKind
from fourhands.model.room import Room
from fourhands.store.sql.postgres_store import PostgresStore
from tests.postgres_server import MISSING

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)
COMMITS = 12


async def test_positions_of_two_writers_have_no_gap_and_each_hears_its_own(postgres_url: str, room: Room) -> None:
    one, other = PostgresStore(postgres_url), PostgresStore(postgres_url)
    for store in (one, other):
        await store.start()
    rooms = [room.id, "bbbb-bbbb-bbbb", "cccc-cccc-cccc"]
    for room_id in rooms:
        await one.create_room(Room(room_id, "", "python", room.guest_role, False, "e1", 1, 1), None, [], [])
    heard: list[tuple[str, int]] = []

    async def write(store: PostgresStore, name: str, order: list[str]) -> None:
        for number in range(COMMITS):
            entries = [Entry(EntryKind.EDIT, f"{name}{number}".encode(), number, name), Entry(EntryKind.CHAT, b"{}", number)]
            done = await store.commit(dict.fromkeys(order, entries))
            heard.extend(done.heads.items())

    await asyncio.gather(write(one, "a", rooms), write(other, "b", rooms[::-1]))
    for room_id in rooms:
        kept = await other.entries(room_id, 0, 999)
        assert [entry.position for entry in kept] == list(range(1, 4 * COMMITS + 1))
        for name in "ab":
            assert [entry.payload for entry in kept if entry.member == name] == [f"{name}{number}".encode() for number in range(COMMITS)]
        assert sorted(head for said, head in heard if said == room_id) == list(range(2, 4 * COMMITS + 1, 2))
        assert await one.faults(room_id) == []
    for store in (one, other):
        await store.stop()
