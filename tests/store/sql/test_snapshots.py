"""Snapshots: several a room, found by place and by time, and no more of them than the text's size asks for."""

import os

import pytest

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.room import Room
from fourhands.store.port import Snapshot
from fourhands.store.sql import snapshots
from fourhands.store.sql.store import SqlStore


async def places(store: SqlStore, room: Room) -> list[int]:
    return list(await store.database.read(lambda connection: snapshots.places(connection, room.id)))


async def write(store: SqlStore, room: Room, up_to: int, every: int, size: int) -> None:
    head = 0
    while head < up_to:
        head = (await store.commit({room.id: [Entry(EntryKind.EDIT, b"x", 10 * (head + number + 1)) for number in range(every)]})).heads[room.id]
        await store.write_snapshot(room.id, Snapshot(head, os.urandom(size)))


async def test_those_of_a_small_text_stand_so_far_apart(store: SqlStore, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "CLOSEST_EDITS", 20)
    await write(store, room, 100, 10, 5)
    assert await places(store, room) == [20, 40, 60, 80, 100]


async def test_those_of_a_large_text_stand_as_far_apart_as_it_is_large(store: SqlStore, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "CLOSEST_EDITS", 20)
    await write(store, room, 200, 10, 290)  # of what cannot be compressed: 50 positions at 6 bytes each
    found = await places(store, room)
    assert found[-1] == 200
    assert found == [50, 100, 150, 200]


async def test_the_time_of_one_is_that_of_the_latest_entry_in_it(store: SqlStore, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "CLOSEST_EDITS", 1)
    await write(store, room, 40, 10, 5)
    for at_ms, place, head in ((99, None, 9), (100, 10, 10), (199, 10, 19), (200, 20, 20), (9999, 40, 40)):
        stored = await store.seek(room.id, at_ms=at_ms)
        assert stored is not None
        assert (stored.snapshot.position if stored.snapshot else None, stored.head) == (place, head)


async def test_a_damaged_one_is_refused(store: SqlStore, room: Room) -> None:
    await write(store, room, 10, 10, 5)
    await store.database.write(lambda connection: connection.exec_driver_sql("UPDATE snapshots SET state = x'00'"))
    with pytest.raises(Unavailable, match="damaged"):
        await store.load(room.id)
    assert await store.faults(room.id)
