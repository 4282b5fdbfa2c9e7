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
    await write(store, room, 200, 10, 280)  # of what cannot be compressed: 50 positions at 6 bytes each
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


async def test_those_that_build_on_each_other_are_told_together(store: SqlStore, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "CLOSEST_EDITS", 10)
    await write(store, room, 10, 10, 5)
    assert await store.base(room.id) is None, "its state vector is not known"
    for number in range(2, 5):
        base = await store.base(room.id)
        head = (await store.commit({room.id: [Entry(EntryKind.EDIT, b"x", 1)] * 10})).heads[room.id]
        await store.write_snapshot(room.id, Snapshot(head, b"%d" % number, None if base is None else base.position, b"v%d" % number))
    last = await store.base(room.id)
    assert last == Snapshot(40, b"4", 30, b"v4", (b"2", b"3"))
    assert last is not None
    assert last.states == [b"2", b"3", b"4"]
    sought = await store.seek(room.id, position=35)
    assert sought is not None
    assert (sought.snapshot, len(sought.updates)) == (Snapshot(30, b"3", 20, b"v3", (b"2",)), 5)
    await store.write_snapshot(room.id, Snapshot(39, b"older", 30))
    assert await places(store, room) == [10, 20, 30, 40]
    await store.database.write(lambda connection: connection.exec_driver_sql("DELETE FROM snapshots WHERE position = 30"))
    with pytest.raises(Unavailable, match="missing"):
        await store.load(room.id)
    assert await store.faults(room.id)


async def test_one_whose_base_is_gone_is_passed_over(store: SqlStore, room: Room) -> None:
    await store.commit({room.id: [Entry(EntryKind.EDIT, b"x", 1)] * 3})
    await store.write_snapshot(room.id, Snapshot(3, b"state", 1))
    assert await places(store, room) == []


async def test_a_long_chain_ends_with_a_whole_one(store: SqlStore, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "CLOSEST_EDITS", 10)
    monkeypatch.setattr(snapshots, "CHAIN", 3)
    whole: list[int] = []
    for number in range(1, 12):
        base = await store.base(room.id)
        head = (await store.commit({room.id: [Entry(EntryKind.EDIT, b"x", 1)] * 10})).heads[room.id]
        whole += [number] if base is None else []
        await store.write_snapshot(room.id, Snapshot(head, b"s", None if base is None else base.position, b"v"))
    assert whole == [1, 5, 9]
