"""Rows of snapshots: whole documents at some positions. Each function works inside its caller's transaction."""

import zlib

from sqlalchemy import Connection, func, insert, select

from fourhands.errors import Conflict
from fourhands.store.port import Snapshot
from fourhands.store.sealing import Box
from fourhands.store.sql.failures import DAMAGED, unavailable
from fourhands.store.sql.tables import blocks, journal, rooms, snapshots


def newest(connection: Connection, box: Box, room_id: str, *, position: int | None = None, at_ms: int | None = None) -> Snapshot | None:
    """The newest snapshot, or the newest that holds nothing past that position or later than that time."""
    statement = select(snapshots.c.position, snapshots.c.state).where(snapshots.c.room_id == room_id)
    if position is not None:
        statement = statement.where(snapshots.c.position <= position)
    if at_ms is not None:
        statement = statement.where(snapshots.c.until_ms <= at_ms)
    row = connection.execute(statement.order_by(snapshots.c.position.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    try:
        return Snapshot(row.position, zlib.decompress(box.open("snapshot", row.position, row.state)))
    except zlib.error as error:
        raise unavailable(f"{DAMAGED} (A snapshot of a room cannot be read.)") from error


def write(connection: Connection, room_id: str, position: int, state: bytes, unfolded_until_ms: int) -> None:
    """Keep a snapshot, unless there is one as new. `unfolded_until_ms`: the latest time of entries that are no rows yet."""
    before = connection.execute(
        select(snapshots.c.position, snapshots.c.until_ms).where(snapshots.c.room_id == room_id).order_by(snapshots.c.position.desc()).limit(1)
    ).one_or_none()
    after = -1 if before is None else before.position
    if position <= after:
        return
    until_ms = max(
        unfolded_until_ms,
        0 if before is None else before.until_ms,
        connection.execute(
            select(func.max(blocks.c.until_ms)).where(blocks.c.room_id == room_id, blocks.c.last > after, blocks.c.first <= position)
        ).scalar_one()
        or 0,
        connection.execute(
            select(func.max(journal.c.at_ms)).where(journal.c.room_id == room_id, journal.c.position > after, journal.c.position <= position)
        ).scalar_one()
        or 0,
    )
    connection.execute(insert(snapshots).values(room_id=room_id, position=position, until_ms=until_ms, state=state))


def squeeze(state: bytes) -> bytes:
    """A state as it is kept, before it is sealed."""
    return zlib.compress(state, 6)


def require_past(connection: Connection, room_id: str, position: int, head: int | None) -> bool:
    """Whether the room is there to keep a snapshot. Raises `Conflict` for one past its head: the edits between would never be read."""
    row = connection.execute(select(rooms.c.head).where(rooms.c.id == room_id, rooms.c.ended_at_ms.is_(None)).with_for_update()).one_or_none()
    if row is None:
        return False
    if position > max(row.head, head or 0):
        raise Conflict("This snapshot is ahead of its room's journal.")
    return True
