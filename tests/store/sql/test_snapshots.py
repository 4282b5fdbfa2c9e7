"""Snapshots: several a room, found by place and by time, and no more of them than the text's size asks for."""

import os
import zlib

import pytest

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.room import Room
from fourhands.store.snapshots import Snapshot, Stretch
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


async def many(store: SqlStore, room: Room, count: int, every: int = 10) -> None:
    for start in range(0, count, every):
        await store.commit({room.id: [Entry(EntryKind.EDIT, b"x", 10 * (start + number + 1)) for number in range(every)]})
        await store.fold()


async def test_a_stretch_without_any_says_where_they_are_missing(store: SqlStore, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "CLOSEST_EDITS", 20)
    monkeypatch.setattr(snapshots, "FARTHEST_EDITS", 40)
    await many(store, room, 40)
    assert await store.stretches(room.id) == [], "as far as may be"
    await many(store, room, 60)
    assert await store.stretches(room.id) == [Stretch(0, [20, 40, 60, 80], room.epoch)]
    await store.write_snapshot(room.id, Snapshot(50, b"s"))
    assert await store.stretches(room.id) == [Stretch(0, [20, 40], room.epoch), Stretch(50, [70, 90], room.epoch)]
    assert await store.stretches("unknown") == []


async def test_a_stretch_of_large_edits_is_shorter(store: SqlStore, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "FARTHEST_BYTES", 2000)
    monkeypatch.setattr(snapshots, "CLOSEST_BYTES", 1000)
    for _ in range(10):
        await store.commit({room.id: [Entry(EntryKind.EDIT, os.urandom(400), 1)]})
        await store.fold()
    assert await store.stretches(room.id) == [Stretch(0, [2, 4, 6, 8], room.epoch)]


async def test_one_is_added_between_others_with_the_time_of_its_place(store: SqlStore, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "CLOSEST_EDITS", 10)
    await many(store, room, 60)
    await store.write_snapshot(room.id, Snapshot(10, b"1", None, b"v1"))
    await store.write_snapshot(room.id, Snapshot(60, b"6", 10, b"v6"))
    assert await store.add_snapshot(room.id, room.epoch, Snapshot(30, b"3", 10, b"v3", first=(b"2",)))
    assert await store.add_snapshot(room.id, room.epoch, Snapshot(50, b"5", 30, b"v5"))
    for at_ms, place, states in ((299, 10, [b"1"]), (300, 30, [b"1", b"2", b"3"]), (599, 50, [b"1", b"2", b"3", b"5"]), (600, 60, [b"1", b"6"])):
        sought = await store.seek(room.id, at_ms=at_ms)
        assert sought is not None
        assert sought.snapshot is not None
        assert (sought.snapshot.position, sought.snapshot.states) == (place, states)
    assert not await store.add_snapshot(room.id, room.epoch, Snapshot(30, b"again", 10)), "there is one"
    assert not await store.add_snapshot(room.id, room.epoch, Snapshot(40, b"4", 20)), "its base is not there"
    assert not await store.add_snapshot(room.id, "later", Snapshot(40, b"4", 30)), "another room"
    assert not await store.add_snapshot(room.id, room.epoch, Snapshot(40, os.urandom(100), 30)), "the edits take less"
    assert await places(store, room) == [10, 30, 50, 60]


async def test_one_that_was_kept_in_one_part_is_read(store: SqlStore, room: Room) -> None:
    await write(store, room, 10, 10, 5)
    old = zlib.compress(b"\x02sv" + b"state")
    await store.database.write(lambda connection: connection.exec_driver_sql("UPDATE snapshots SET state = ?", (old,)))
    stored = await store.load(room.id)
    assert stored is not None
    assert stored.snapshot == Snapshot(10, b"state", None, b"sv")


async def test_a_new_whole_one_is_not_begun_before_it_stays(store: SqlStore, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "CLOSEST_EDITS", 10)
    monkeypatch.setattr(snapshots, "CHAIN", 1)
    await many(store, room, 10)
    await store.write_snapshot(room.id, Snapshot(10, os.urandom(30), None, b"v"))
    await many(store, room, 20)
    await store.write_snapshot(room.id, Snapshot(30, os.urandom(90), 10, b"v"))
    assert await store.base(room.id) is not None, "with 6 bytes a position it would be written again and again"
    await many(store, room, 40)
    await store.write_snapshot(room.id, Snapshot(70, os.urandom(10), 30, b"v"))
    assert await store.base(room.id) is None


@pytest.mark.parametrize(("size", "kept"), [(430, True), (520, False)])
async def test_one_of_large_edits_may_take_a_quarter_more_than_they_do(store: SqlStore, room: Room, size: int, kept: bool) -> None:
    await store.commit({room.id: [Entry(EntryKind.EDIT, os.urandom(180), 1), Entry(EntryKind.EDIT, os.urandom(180), 1)]})
    await store.fold()
    assert await store.add_snapshot(room.id, room.epoch, Snapshot(2, os.urandom(size))) is kept
