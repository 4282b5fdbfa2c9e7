"""Merging blocks: nothing is lost, rows get few, bytes fewer, and what changed meanwhile is left alone."""

import pytest
from sqlalchemy import Connection, func, select

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.room import Room
from fourhands.store.sealing import PLAIN
from fourhands.store.sql import compaction
from fourhands.store.sql.store import SqlStore
from fourhands.store.sql.tables import blocks
from tests.typist import typed

Size = tuple[int, int]


async def fill(store: SqlStore, room: Room, folds: int, edits: int = 20, chat_after: int = -1) -> list[Entry]:
    """So many rows; the entries."""
    written = typed(folds * edits)
    for number in range(folds):
        await store.commit({room.id: written[number * edits : (number + 1) * edits]})
        if number == chat_after:
            await store.commit({room.id: [Entry(EntryKind.CHAT, b"{}", 1)]})
        await store.fold()
    return written


async def size(store: SqlStore, room: Room) -> Size:
    """Rows and bytes."""

    def read(connection: Connection) -> Size:
        row = connection.execute(select(func.count(), func.sum(func.length(blocks.c.payload))).where(blocks.c.room_id == room.id)).one()
        return row[0], row[1]

    return await store.database.read(read)


async def updates(store: SqlStore, room: Room) -> list[bytes]:
    return [one.payload for one in await store.entries(room.id, 0, 1 << 20) if one.kind is EntryKind.EDIT]


async def test_a_room_that_was_left_takes_few_rows_and_bytes(store: SqlStore, room: Room) -> None:
    written = await fill(store, room, 60)
    rows, before = await size(store, room)
    assert rows == 60
    while await store.compact(room.id):
        pass
    rows, after = await size(store, room)
    assert (rows, await updates(store, room)) == (1, [one.payload for one in written])
    assert after / len(written) < 7 < before / len(written)
    assert await store.faults(room.id) == []


async def test_what_is_no_edit_stands_between_two_blocks(store: SqlStore, room: Room) -> None:
    written = await fill(store, room, 6, chat_after=2)
    while await store.compact(room.id):
        pass
    assert (await size(store, room))[0] == 2
    assert await updates(store, room) == [one.payload for one in written]
    assert await store.faults(room.id) == []


async def test_while_people_type_only_many_small_rows_are_merged(store: SqlStore, room: Room) -> None:
    await fill(store, room, compaction.SMALL_ROWS - 1)
    assert not await store._merge(room.id, thorough=False)
    await fill(store, room, 1)
    assert await store._merge(room.id, thorough=False)
    assert (await size(store, room))[0] == 1
    assert not await store._merge(room.id, thorough=False)


async def test_a_block_stays_so_small_that_reading_a_part_of_it_is_cheap(store: SqlStore, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "EDITS_PER_BLOCK", 50)
    written = await fill(store, room, 10)
    while await store.compact(room.id):
        pass
    assert (await size(store, room))[0] == 5
    assert await updates(store, room) == [one.payload for one in written]


async def test_rows_that_changed_meanwhile_are_left_alone(store: SqlStore, room: Room) -> None:
    await fill(store, room, 3)
    merge = await store.database.read(lambda connection: compaction.plan(connection, PLAIN, room.id, thorough=True))
    assert merge is not None
    assert await store.compact(room.id)
    before = await size(store, room)
    await store.database.write(lambda connection: compaction.put(connection, merge))
    assert await size(store, room) == before
    await store.end_room(room.id, 5)
    await store.database.write(lambda connection: compaction.put(connection, merge))
    assert (await size(store, room))[0] == 0


async def test_a_damaged_block_is_not_merged_into_a_sound_one(store: SqlStore, room: Room) -> None:
    await fill(store, room, 3)
    await store.database.write(lambda connection: connection.exec_driver_sql("UPDATE blocks SET payload = x'01ff' WHERE first = 21"))
    with pytest.raises(Unavailable, match="cannot be read"):
        await store.compact(room.id)
    assert (await size(store, room))[0] == 3
    assert [fault for fault in await store.faults(room.id) if "21" in fault]
