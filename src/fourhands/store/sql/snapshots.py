"""Rows of snapshots: whole documents at some positions. Each function works inside its caller's transaction."""

import zlib
from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import Connection, delete, func, insert, select

from fourhands.errors import Conflict
from fourhands.store.port import Snapshot
from fourhands.store.sealing import Box
from fourhands.store.sql.failures import DAMAGED, unavailable
from fourhands.store.sql.tables import blocks, journal, rooms, snapshots

CLOSEST_EDITS = 5_000
"""Snapshots of a small text stand no closer for good than this many positions; opening and seeking replay so many."""

BYTES_AN_EDIT = 6
"""What snapshots may take, for each position between two, of a text that is large."""

_LOOKED_AT = 16


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
    _thin(connection, room_id)


def _thin(connection: Connection, room_id: str) -> None:
    """Drop what stands too close: the distance grows with the text, so that snapshots stay a part of the journal's bytes.

    The newest stays. Replaying from one to the next then costs by the size of the text as well.
    """
    sizes = select(snapshots.c.position, func.length(snapshots.c.state)).where(snapshots.c.room_id == room_id)
    rows = [tuple(row) for row in connection.execute(sizes.order_by(snapshots.c.position.desc()).limit(_LOOKED_AT))][::-1]
    kept = 0 if len(rows) < _LOOKED_AT else rows.pop(0)[0]
    dropped: list[int] = []
    for (position, _), (following, size) in pairwise(rows):
        if following - kept <= max(CLOSEST_EDITS, size // BYTES_AN_EDIT):
            dropped.append(position)
        else:
            kept = position
    if dropped:
        connection.execute(delete(snapshots).where(snapshots.c.room_id == room_id, snapshots.c.position.in_(dropped)))


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


def places(connection: Connection, room_id: str) -> Sequence[int]:
    """The positions of a room's snapshots, in order."""
    return connection.execute(select(snapshots.c.position).where(snapshots.c.room_id == room_id).order_by(snapshots.c.position)).scalars().all()
