"""Rows of the journal and of snapshots. Each function works inside its caller's transaction."""

from collections.abc import Mapping, Sequence
from itertools import starmap

from sqlalchemy import BigInteger, bindparam, case, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from fourhands.errors import Conflict
from fourhands.model.entry import Entry, EntryKind, StoredEntry
from fourhands.store.port import Committed, Snapshot, Stored
from fourhands.store.sql.rooms import room_of
from fourhands.store.sql.tables import NOT_EDITS, journal, rooms, snapshots

ROOMS_PER_STATEMENT = 4096  # databases bound the number of parameters (SQLite and PostgreSQL at about 32,000)

_ENTRY = (journal.c.kind, journal.c.payload, journal.c.at_ms, journal.c.position)  # in StoredEntry's order
_HEADS = (
    select(rooms.c.id, rooms.c.head)
    .where(rooms.c.id.in_(bindparam("ids", expanding=True)), rooms.c.ended_at_ms.is_(None))
    .order_by(rooms.c.id)
    .with_for_update()
)
_USED = bindparam("used_at_ms", type_=BigInteger())
_ADVANCE = (
    update(rooms)
    .where(rooms.c.id == bindparam("advanced_id"))
    .values(head=rooms.c.head + bindparam("count"), last_used_at_ms=case((rooms.c.last_used_at_ms < _USED, _USED), else_=rooms.c.last_used_at_ms))
)
_APPEND = insert(journal)


def _stored(kind: str, payload: bytes, at_ms: int, position: int) -> StoredEntry:
    return StoredEntry(EntryKind(kind), payload, at_ms, position)


async def write(connection: AsyncConnection, room_id: str, after: int, entries: Sequence[Entry]) -> None:
    """Insert entries at the positions that follow `after`, which the caller has taken from the room's row."""
    if entries:
        await connection.execute(_APPEND, _rows(room_id, after, entries))


def _rows(room_id: str, after: int, entries: Sequence[Entry]) -> list[dict[str, object]]:
    return [
        {"room_id": room_id, "position": position, "kind": entry.kind.value, "at_ms": entry.at_ms, "payload": entry.payload}
        for position, entry in enumerate(entries, after + 1)
    ]


async def append(connection: AsyncConnection, batches: Mapping[str, Sequence[Entry]]) -> Committed:
    """Give each room's entries the positions after its head and insert them.

    Three statements for any number of rooms: rows of rooms are read and locked in sorted order (SQLite has one writer
    and needs no lock), heads move by what each room gets, entries go in.
    """
    ids = sorted(batches)
    heads: dict[str, int] = {}
    for start in range(0, len(ids), ROOMS_PER_STATEMENT):
        found = await connection.execute(_HEADS, {"ids": ids[start : start + ROOMS_PER_STATEMENT]})
        heads.update((room_id, head) for room_id, head in found)
    moves = [
        {"advanced_id": room_id, "count": len(batches[room_id]), "used_at_ms": max(entry.at_ms for entry in batches[room_id])}
        for room_id in heads
        if batches[room_id]
    ]
    if moves:
        await connection.execute(_ADVANCE, moves)
        await connection.execute(_APPEND, [row for room_id in heads for row in _rows(room_id, heads[room_id], batches[room_id])])
    return Committed(
        heads={room_id: head + len(batches[room_id]) for room_id, head in heads.items()},
        missing=frozenset(room_id for room_id in ids if room_id not in heads),
    )


async def load(connection: AsyncConnection, room_id: str) -> Stored | None:
    """The room with its snapshot and the edits after it; None if there is none or it has ended."""
    row = (await connection.execute(select(rooms).where(rooms.c.id == room_id, rooms.c.ended_at_ms.is_(None)))).one_or_none()
    if row is None:
        return None
    kept = (await connection.execute(select(snapshots.c.position, snapshots.c.state).where(snapshots.c.room_id == room_id))).one_or_none()
    after = 0 if kept is None else kept.position
    edits = (
        select(*_ENTRY).where(journal.c.room_id == room_id, journal.c.position > after, journal.c.kind == EntryKind.EDITS.value).order_by(journal.c.position)
    )
    found = await connection.execute(edits)
    return Stored(
        room=room_of(row),
        head=row.head,
        snapshot=None if kept is None else Snapshot(kept.position, kept.state),
        edits=list(starmap(_stored, found)),
    )


async def tail(connection: AsyncConnection, room_id: str, kind: EntryKind, limit: int) -> Sequence[StoredEntry]:
    """The newest entries of one kind, oldest first."""
    newest = select(*_ENTRY).where(journal.c.room_id == room_id, journal.c.kind == kind.value).order_by(journal.c.position.desc()).limit(limit)
    if kind is not EntryKind.EDITS:
        newest = newest.where(NOT_EDITS)  # said in the index's own words, or it would not be used
    found = await connection.execute(newest)
    return list(starmap(_stored, found))[::-1]


async def write_snapshot(connection: AsyncConnection, room_id: str, snapshot: Snapshot) -> None:
    """Keep the snapshot unless the kept one is as new; nothing if the room is gone.

    Raises `Conflict` for a snapshot past the room's head: the edits between would never be read.
    """
    room = select(rooms.c.head).where(rooms.c.id == room_id, rooms.c.ended_at_ms.is_(None)).with_for_update()
    head = (await connection.execute(room)).scalar_one_or_none()
    if head is None:
        return
    if snapshot.position > head:
        raise Conflict("This snapshot is ahead of its room's journal.")
    values = {"position": snapshot.position, "state": snapshot.state}
    kept = (await connection.execute(select(snapshots.c.position).where(snapshots.c.room_id == room_id))).scalar_one_or_none()
    if kept is None:
        await connection.execute(insert(snapshots).values(room_id=room_id, **values))
    elif kept < snapshot.position:
        await connection.execute(update(snapshots).where(snapshots.c.room_id == room_id).values(**values))
