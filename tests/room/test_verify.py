"""Checking a journal: silent about a sound one, and sure about one that is not."""

from fourhands.model.entry import Entry, EntryKind
from fourhands.room.verify import MOST_NAMED, faults
from fourhands.store.snapshots import Snapshot
from fourhands.store.sql.store import SqlStore
from tests.house import House
from tests.room.restored import restored
from tests.typist import typed

MOST = 2


async def typed_room(house: House) -> str:
    """A room with 60 edits and right snapshots at positions 21 and 41."""
    room_id = (await house.open()).room.id
    written = typed(60)
    for start in (0, 20, 40):
        position = (await house.store.commit({room_id: written[start : start + 20]})).heads[room_id]
        if start < 40:
            stored = await house.store.load(room_id)
            assert stored is not None
            state = stored.snapshot.state if stored.snapshot else None
            document = restored(house.limits, state, [one.payload for one in stored.edits])
            await house.store.write_snapshot(room_id, Snapshot(position, document.state()))
    return room_id


async def test_a_sound_journal_has_none(house: House) -> None:
    assert await faults(house.store, await typed_room(house), MOST) == []
    assert await faults(house.store, "unknown", MOST) == []


async def test_a_snapshot_that_is_of_another_text_is_one(house: House) -> None:
    room_id = await typed_room(house)
    other = restored(house.limits, None, [one.payload for one in typed(30, seed=2)])
    position = (await house.store.commit({room_id: [Entry(EntryKind.ROOM, b"{}", 1)]})).heads[room_id]
    await house.store.write_snapshot(room_id, Snapshot(position, other.state()))
    assert [fault for fault in await faults(house.store, room_id, MOST) if f"position {position}" in fault]


async def test_an_edit_that_cannot_be_applied_is_one(house: House) -> None:
    room_id = await typed_room(house)
    position = (await house.store.commit({room_id: [Entry(EntryKind.EDIT, b"\x07rubbish", 1)]})).heads[room_id]
    assert await faults(house.store, room_id, MOST) == [f"The edit at position {position} cannot be applied; the room opens without it."]


async def test_each_edit_is_named_also_where_they_are_too_many_to_open(house: House) -> None:
    room_id = await typed_room(house)
    end = (await house.store.commit({room_id: [Entry(EntryKind.EDIT, b"\x07rubbish", 1) for _ in range(MOST)]})).heads[room_id]
    assert len(await faults(house.store, room_id, MOST)) == MOST
    await house.store.commit({room_id: [Entry(EntryKind.EDIT, b"\x07rubbish", 1)]})
    refused, *named = await faults(house.store, room_id, MOST)
    assert "FOURHANDS_EDITS_SET_ASIDE (2)" in refused
    assert named == [f"The edit at position {position} cannot be applied." for position in (end - 1, end, end + 1)]
    await house.store.commit({room_id: [Entry(EntryKind.EDIT, b"\x07rubbish", 1) for _ in range(MOST_NAMED)]})
    (said,) = await faults(house.store, room_id, MOST)
    assert "cannot be read" in said


async def test_chat_a_run_and_a_change_that_cannot_be_read_are_three(house: House) -> None:
    room_id = await typed_room(house)
    kinds = {EntryKind.CHAT: "chat message", EntryKind.RUN: "run", EntryKind.MEMBER: "entry of kind member"}
    end = (await house.store.commit({room_id: [Entry(kind, b'{"id":', 1) for kind in kinds]})).heads[room_id]
    found = await faults(house.store, room_id, MOST)
    assert [fault.split(" cannot be read")[0] for fault in found] == [f"The {noun} at position {end - 2 + place}" for place, noun in enumerate(kinds.values())]


async def test_a_missing_row_is_one(house: House) -> None:
    room_id = await typed_room(house)
    await house.store.fold()
    await SqlStore.compact(house.store, room_id)
    await house.store.database.write(lambda connection: connection.exec_driver_sql("DELETE FROM blocks WHERE room_id = ?", (room_id,)))
    assert await faults(house.store, room_id, MOST) != []
