"""How the journal is written: few statements, whatever the number of rooms, and found again by an index."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from fourhands.model.entry import Entry, EntryKind
from fourhands.model.room import Room
from fourhands.store.sql.folder import STEP_ROOMS
from fourhands.store.sql.store import SqlStore

SMALL = Entry(EntryKind.EDIT, b"small", 1)


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """What is sent to the database inside, each with its parameters."""
    seen: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        seen.append((arguments[2], arguments[3]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def verbs(seen: list[tuple[str, Any]]) -> list[str]:
    return [statement.split(maxsplit=1)[0] for statement, _ in seen]


@pytest.fixture
async def rooms(store: SqlStore, room: Room) -> list[str]:
    ids = [f"room-{number}" for number in range(20)]
    for room_id in ids:
        await store.create_room(Room(room_id, "", "python", room.guest_role, False, "e", 1, 1), None, [], [])
    return ids


async def test_a_fold_takes_as_many_statements_for_many_rooms_as_for_one(store: SqlStore, rooms: list[str]) -> None:
    for batch in (rooms[:1], rooms[:STEP_ROOMS]):
        await store.commit({room_id: [SMALL, SMALL] for room_id in batch})
        with statements() as seen:
            await store.fold()
        assert verbs(seen) == ["BEGIN", "INSERT", "UPDATE", "BEGIN", "SELECT", "DELETE"]


async def plan(store: SqlStore, statement: tuple[str, Any]) -> list[str]:
    sql, parameters = statement
    found = await store.database.read(lambda connection: connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).all())
    return [row[-1] for row in found]


async def test_chat_is_found_by_its_index(store: SqlStore, room: Room) -> None:
    with statements() as seen:
        await store.tail(room.id, EntryKind.CHAT, 5)
    assert await plan(store, seen[-1]) == ["SEARCH journal USING INDEX ix_journal_kind (room_id=? AND kind=?)"]


async def test_edits_are_read_in_their_order_from_the_snapshot_on(store: SqlStore, room: Room) -> None:
    with statements() as seen:
        await store.load(room.id)
    (of_blocks,) = [one for one in seen if "FROM blocks" in one[0]]
    assert await plan(store, of_blocks) == ["SEARCH blocks USING INDEX sqlite_autoindex_blocks_1 (room_id=? AND last>?)"]


async def test_a_room_is_found_to_be_unused_by_an_index(store: SqlStore) -> None:
    with statements() as seen:
        await store.unused_rooms(5, 5)
    assert (await plan(store, seen[-1]))[0].startswith("SEARCH rooms USING COVERING INDEX ix_rooms_last_used_at_ms")


async def test_a_room_was_last_used_when_its_newest_entry_was_made(store: SqlStore, room: Room) -> None:
    used = room.last_used_at_ms + 1000
    await store.commit({room.id: [Entry(EntryKind.EDIT, b"x", used), Entry(EntryKind.CHAT, b"{}", used - 500)]})
    await store.commit({room.id: [Entry(EntryKind.EDIT, b"x", used - 5000)]})
    kept = await store.room(room.id)
    assert kept is not None
    assert kept.last_used_at_ms == used
    assert room.id not in await store.unused_rooms(used, 100)
