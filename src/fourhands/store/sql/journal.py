"""Rows of the journal: blocks of edits, and all else one by one. Each function works inside its caller's transaction."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import BigInteger, Connection, bindparam, case, func, insert, select, update

from fourhands.errors import FourhandsError
from fourhands.model.entry import Entry, EntryKind, StoredEntry
from fourhands.protocol.edits import pack, times_of, unpack, updates_of
from fourhands.store.sealing import Box
from fourhands.store.sql.failures import DAMAGED, unavailable
from fourhands.store.sql.tables import blocks, journal, rooms

EDITS_PER_BLOCK = 4096
BYTES_PER_BLOCK = 256 * 1024
"""A block is unpacked whole for one edit of it."""

Found = TypeVar("Found")

_ENTRY = (journal.c.kind, journal.c.payload, journal.c.at_ms, journal.c.member, journal.c.position)
_USED = bindparam("used", type_=BigInteger())
_ADVANCE = (
    update(rooms)
    .where(rooms.c.id == bindparam("room"))
    .values(head=bindparam("to"), last_used_at_ms=case((rooms.c.last_used_at_ms < _USED, _USED), else_=rooms.c.last_used_at_ms))
)


class Rows(NamedTuple):
    """What becomes of some entries."""

    blocks: list[dict[str, object]]
    others: list[dict[str, object]]


def rows_of(room_id: str, box: Box, after: int, entries: Sequence[Entry]) -> Rows:
    """The rows that hold these entries, at the positions that follow `after`."""
    rows = Rows([], [])
    start = 0
    while start < len(entries):
        entry = entries[start]
        if entry.kind is not EntryKind.EDIT:
            position = after + start + 1
            payload = box.seal(entry.kind.value, position, entry.payload)
            rows.others.append(
                {"room_id": room_id, "position": position, "kind": entry.kind.value, "at_ms": entry.at_ms, "member": entry.member, "payload": payload}
            )
            start += 1
            continue
        end = _run_end(entries, start)
        rows.blocks.append(block_row(room_id, box, after + start + 1, entries[start:end]))
        start = end
    return rows


def block_row(room_id: str, box: Box, first: int, edits: Sequence[Entry], *, small: bool = False) -> dict[str, object]:
    """The row that holds these edits, the first of them at that position. `small`: packed as `protocol.edits` says."""
    return {
        "room_id": room_id,
        "last": first + len(edits) - 1,
        "first": first,
        "until_ms": max([edit.at_ms for edit in edits]),
        "small": small,
        "payload": box.seal("edits", first, pack(edits, small=small)),
    }


def _run_end(entries: Sequence[Entry], start: int) -> int:
    """Where a block that begins there ends."""
    size, end = 0, start
    while end < len(entries) and end - start < EDITS_PER_BLOCK and size < BYTES_PER_BLOCK and entries[end].kind is EntryKind.EDIT:
        size += len(entries[end].payload)
        end += 1
    return end


def write(connection: Connection, rows: Rows) -> None:
    """Insert them."""
    if rows.blocks:
        connection.execute(insert(blocks), rows.blocks)
    if rows.others:
        connection.execute(insert(journal), rows.others)


def advance(connection: Connection, heads: Sequence[tuple[str, int, int]]) -> None:
    """Move rooms' heads, and when they were last used: id, head, time."""
    connection.execute(_ADVANCE, [{"room": room_id, "to": head, "used": used_at_ms} for room_id, head, used_at_ms in heads])


def edits(connection: Connection, box: Box, room_id: str, after: int, up_to: int) -> list[StoredEntry]:
    """The edits at positions after `after`, up to `up_to`. Raises `Unavailable`."""
    return entries_of(box, blocks_of(connection, room_id, after, up_to), after, up_to)


def blocks_of(connection: Connection, room_id: str, after: int, up_to: int) -> Sequence[Any]:
    """The rows with edits at positions after `after`, up to `up_to`."""
    statement = select(blocks.c.first, blocks.c.last, blocks.c.payload).where(blocks.c.room_id == room_id, blocks.c.last > after, blocks.c.first <= up_to)
    return connection.execute(statement.order_by(blocks.c.last)).all()


def entries_of(box: Box, rows: Sequence[Any], after: int, up_to: int) -> list[StoredEntry]:
    """The edits of those rows between these positions. Raises `Unavailable`."""
    return list(chain.from_iterable([_between(row, after, up_to, open_block(box, row)) for row in rows]))


def updates(box: Box, rows: Sequence[Any], after: int, up_to: int) -> list[bytes]:
    """The updates of those rows between these positions. Raises `Unavailable`."""
    return list(chain.from_iterable([_between(row, after, up_to, _opened(box, row, updates_of)) for row in rows]))


def _between(row: Any, after: int, up_to: int, held: Sequence[Found]) -> Sequence[Found]:
    return held if row.first > after and row.last <= up_to else held[max(0, after + 1 - row.first) : max(0, up_to + 1 - row.first)]


def first_later(connection: Connection, box: Box, room_id: str, after: int, at_ms: int) -> int | None:
    """The position of the first entry past `after` that is later than that time. Raises `Unavailable`."""
    block = (
        select(blocks.c.first, blocks.c.last, blocks.c.payload)
        .where(blocks.c.room_id == room_id, blocks.c.last > after, blocks.c.until_ms > at_ms)
        .order_by(blocks.c.last)
    )
    found: list[int] = []
    for row in connection.execute(block):  # in the first, but for what stands in it before `after`
        times = _opened(box, row, times_of)
        later = [position for position, time in enumerate(times, row.first) if time > at_ms and position > after]
        if later:
            found.append(later[0])
            break
    other = select(func.min(journal.c.position)).where(journal.c.room_id == room_id, journal.c.position > after, journal.c.at_ms > at_ms)
    if (position := connection.execute(other).scalar_one()) is not None:
        found.append(position)
    return min(found, default=None)


def open_block(box: Box, row: Any) -> Sequence[StoredEntry]:
    """The edits of a row with `first`, `last` and `payload`. Raises `Unavailable` if it does not hold what it says."""
    return _opened(box, row, lambda block: unpack(block, row.first))


def _opened(box: Box, row: Any, read: Callable[[bytes], Sequence[Found]]) -> Sequence[Found]:
    try:
        held = read(box.open("edits", row.first, row.payload))
    except FourhandsError as error:
        raise unavailable(f"{DAMAGED} (Edits {row.first} to {row.last} of a room cannot be read.)") from error
    if row.first + len(held) - 1 != row.last:
        raise unavailable(f"{DAMAGED} (Edits {row.first} to {row.last} of a room are not all there.)")
    return held


def others(connection: Connection, box: Box, room_id: str, after: int, up_to: int) -> list[StoredEntry]:
    """Entries that are no edits, at positions after `after`, up to `up_to`."""
    statement = select(*_ENTRY).where(journal.c.room_id == room_id, journal.c.position > after, journal.c.position <= up_to)
    return [_entry(box, row) for row in connection.execute(statement.order_by(journal.c.position))]


def count_others(connection: Connection, room_id: str, after: int, up_to: int) -> int:
    """How many entries that are no edits there are."""
    statement = select(func.count()).select_from(journal).where(journal.c.room_id == room_id, journal.c.position > after, journal.c.position <= up_to)
    return connection.execute(statement).scalar_one()


def tail(connection: Connection, box: Box, room_id: str, kind: EntryKind, limit: int) -> list[StoredEntry]:
    """The newest entries of one kind, oldest first."""
    if kind is EntryKind.EDIT:
        newest = select(blocks.c.first, blocks.c.last, blocks.c.payload).where(blocks.c.room_id == room_id).order_by(blocks.c.last.desc())
        found: list[StoredEntry] = []
        for row in connection.execute(newest):
            if len(found) >= limit:
                break
            found[:0] = open_block(box, row)
        return found[max(0, len(found) - limit) :]
    statement = select(*_ENTRY).where(journal.c.room_id == room_id, journal.c.kind == kind.value).order_by(journal.c.position.desc()).limit(limit)
    return [_entry(box, row) for row in connection.execute(statement)][::-1]


def _entry(box: Box, row: Any) -> StoredEntry:
    return StoredEntry(EntryKind(row.kind), box.open(row.kind, row.position, row.payload), row.at_ms, row.member, position=row.position)


def spans(connection: Connection, room_id: str) -> list[tuple[int, int]]:
    """First and last position of each block, in order."""
    return [
        (row.first, row.last) for row in connection.execute(select(blocks.c.first, blocks.c.last).where(blocks.c.room_id == room_id).order_by(blocks.c.last))
    ]


def places(connection: Connection, room_id: str) -> Sequence[int]:
    """The positions of what is no edit, in order."""
    return connection.execute(select(journal.c.position).where(journal.c.room_id == room_id).order_by(journal.c.position)).scalars().all()
