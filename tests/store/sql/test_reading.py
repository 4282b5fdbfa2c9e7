"""Reading a room: rows and log as one, and never with less than there was. The model stands in test_log.py."""

import pytest

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.room import Room
from fourhands.protocol.edits import unpack, updates_of
from fourhands.store.sql import journal
from fourhands.store.sql.store import SqlStore


async def fill(store: SqlStore, room: Room) -> None:
    for number in range(4):
        await store.commit({room.id: [Entry(EntryKind.EDIT, b"%d" % number, number), Entry(EntryKind.CHAT, b"{}", number)]})
        if number < 3:
            await store.fold()


@pytest.mark.parametrize("statement", ["DELETE FROM blocks WHERE first = 3", "DELETE FROM journal WHERE position = 4", "DELETE FROM blocks"])
async def test_a_row_that_is_missing_is_damage_not_a_shorter_room(store: SqlStore, room: Room, statement: str) -> None:
    await fill(store, room)
    await store.database.write(lambda connection: connection.exec_driver_sql(statement))
    with pytest.raises(Unavailable, match="missing"):
        await store.load(room.id)
    with pytest.raises(Unavailable, match="missing"):
        await store.entries(room.id, 0, 99)
    assert await store.faults(room.id)


async def test_pages_of_history_follow_each_other_from_rows_into_the_log(store: SqlStore, room: Room) -> None:
    await fill(store, room)
    whole = await store.entries(room.id, 0, 99)
    assert [one.position for one in whole] == list(range(1, 9))
    for limit in range(1, 9):
        pages = [await store.entries(room.id, after, limit) for after in range(0, 8, limit)]
        assert [one for page in pages for one in page] == whole
    assert await store.entries(room.id, 8, 9) == await store.entries(room.id, 0, 0) == await store.entries("unknown", 0, 9) == []
    assert await store.entries(room.id, -5, 2) == whole[:2]


async def test_going_back_unpacks_what_it_needs_and_makes_no_entries(store: SqlStore, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    for start in range(0, 40, 10):
        await store.commit({room.id: [Entry(EntryKind.EDIT, b"%d" % number, number) for number in range(start, start + 10)]})
        await store.fold()
    opened: list[int] = []
    monkeypatch.setattr(journal, "updates_of", lambda block: opened.append(len(block)) or updates_of(block))
    monkeypatch.setattr(journal, "unpack", None)
    stored = await store.seek(room.id, at_ms=13)
    assert stored is not None
    assert (stored.head, len(opened), list(stored.updates)) == (14, 2, [b"%d" % number for number in range(14)])
    monkeypatch.setattr(journal, "unpack", unpack)
    assert [(one.position, one.payload) for one in stored.edits] == [(number + 1, b"%d" % number) for number in range(14)]
