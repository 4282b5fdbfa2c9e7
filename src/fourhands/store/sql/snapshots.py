"""Rows of snapshots: documents at some positions, whole or what was added since the one before. Each function works inside its caller's transaction."""

import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from fourhands.errors import Conflict, InvalidRequest
from fourhands.protocol.varint import read_varuint, write_varuint
from fourhands.store.port import Snapshot
from fourhands.store.sealing import Box
from fourhands.store.sql.failures import DAMAGED, unavailable
from fourhands.store.sql.tables import blocks, journal, rooms, snapshots

CLOSEST_EDITS = 5_000
"""Snapshots stand no closer for good than this many positions; opening and seeking replay so many, and a few more."""

CLOSEST_BYTES = 256 * 1024
"""Nor closer than so many bytes of packed edits, if these are few and large."""

BYTES_AN_EDIT = 6
"""What snapshots may take for each position between two, if the edits themselves take less."""

CHAIN = 32
"""So many may build on each other, and more while they take less than `CHAIN_SHARE` times the whole one at the beginning."""
CHAIN_SHARE = 2


class _Place(NamedTuple):
    """A row without its state."""

    position: int
    base: int | None
    until_ms: int
    size: int


def newest(connection: Connection, box: Box, room_id: str, *, position: int | None = None, at_ms: int | None = None) -> Snapshot | None:
    """The newest snapshot, or the newest that holds nothing past that position or later than that time. Raises `Unavailable`."""
    mine = snapshots.c.room_id == room_id
    last = select(func.max(snapshots.c.position)).where(mine)
    if position is not None:
        last = last.where(snapshots.c.position <= position)
    if at_ms is not None:
        last = last.where(snapshots.c.until_ms <= at_ms)
    found = connection.execute(last).scalar_one()
    if found is None:
        return None
    whole = select(func.max(snapshots.c.position)).where(mine, snapshots.c.position <= found, snapshots.c.base.is_(None)).scalar_subquery()
    chain = select(snapshots.c.position, snapshots.c.base, snapshots.c.state).where(mine, snapshots.c.position >= whole, snapshots.c.position <= found)
    states: list[bytes] = []
    vector, base, builds_on = b"", None, None
    for row in connection.execute(chain.order_by(snapshots.c.position)):
        if row.base != (base if states else None):
            raise unavailable(f"{DAMAGED} (A snapshot of a room that others build on is missing.)")
        vector, state = _unsqueezed(box, row)
        states.append(state)
        base, builds_on = row.position, row.base
    if not states:
        raise unavailable(f"{DAMAGED} (A snapshot of a room that others build on is missing.)")
    return Snapshot(found, states[-1], builds_on, vector, tuple(states[:-1]))


def base(connection: Connection, box: Box, room_id: str) -> Snapshot | None:
    """The snapshot that the next one is to build on; None if that is to be a whole one."""
    firm = _firm(connection, room_id, _places(connection, room_id))
    if not firm:
        return None
    start = max([number for number, place in enumerate(firm) if place.base is None], default=0)
    chained = firm[start + 1 :]
    if len(chained) >= CHAIN and sum([place.size for place in chained]) >= CHAIN_SHARE * firm[start].size:
        return None
    found = newest(connection, box, room_id, position=firm[-1].position)
    return found if found is not None and found.vector else None


def write(connection: Connection, room_id: str, snapshot: Snapshot, state: bytes, unfolded_until_ms: int) -> None:
    """Keep a snapshot (`state`: squeezed and sealed), unless there is one as new, or its base is not there.

    `unfolded_until_ms`: the latest time of entries that are no rows yet.
    """
    places, position = _places(connection, room_id), snapshot.position
    firm = _firm(connection, room_id, places)
    if places and position <= places[-1].position:
        return
    if snapshot.base is not None and (not firm or firm[-1].position != snapshot.base):
        return
    after = places[-1].position if places else -1
    until_ms = max(
        unfolded_until_ms,
        places[-1].until_ms if places else 0,
        connection.execute(
            select(func.max(blocks.c.until_ms)).where(blocks.c.room_id == room_id, blocks.c.last > after, blocks.c.first <= position)
        ).scalar_one()
        or 0,
        connection.execute(
            select(func.max(journal.c.at_ms)).where(journal.c.room_id == room_id, journal.c.position > after, journal.c.position <= position)
        ).scalar_one()
        or 0,
    )
    if len(firm) < len(places):
        connection.execute(delete(snapshots).where(snapshots.c.room_id == room_id, snapshots.c.position == after))
    connection.execute(insert(snapshots).values(room_id=room_id, position=position, until_ms=until_ms, state=state, base=snapshot.base))


def _places(connection: Connection, room_id: str) -> Sequence[_Place]:
    columns = select(snapshots.c.position, snapshots.c.base, snapshots.c.until_ms, func.length(snapshots.c.state))
    return [_Place(*row) for row in connection.execute(columns.where(snapshots.c.room_id == room_id).order_by(snapshots.c.position))]


def _firm(connection: Connection, room_id: str, places: Sequence[_Place]) -> Sequence[_Place]:
    """Those that stay when the next one comes: all but the newest, and that one too unless it stands too close for its size.

    The bytes of snapshots so stay a part of the journal's, however large the text is.
    """
    if not places:
        return places
    last, before = places[-1], places[:-1]
    like = [place.position for place in before if last.base is not None or place.base is None]
    since = like[-1] if like else 0
    previous = before[-1].position if before else 0
    near = last.position - previous < CLOSEST_EDITS and _edits_bytes(connection, room_id, previous, last.position) < CLOSEST_BYTES
    return before if near or last.size > max(BYTES_AN_EDIT * (last.position - since), _edits_bytes(connection, room_id, since, last.position)) else places


def _edits_bytes(connection: Connection, room_id: str, after: int, up_to: int) -> int:
    size = select(func.sum(func.length(blocks.c.payload))).where(blocks.c.room_id == room_id, blocks.c.last > after, blocks.c.first <= up_to)
    return connection.execute(size).scalar_one() or 0


def squeeze(snapshot: Snapshot) -> bytes:
    """A snapshot as it is kept, before it is sealed: zlib of varUint length, state vector, state. Takes 5 ms for 100 KB."""
    return zlib.compress(write_varuint(len(snapshot.vector)) + snapshot.vector + snapshot.state, 6)


def _unsqueezed(box: Box, row: Any) -> tuple[bytes, bytes]:
    """State vector and state."""
    try:
        kept = zlib.decompress(box.open("snapshot", row.position, row.state))
        length, start = read_varuint(kept, 0)
    except (zlib.error, InvalidRequest) as error:
        raise unavailable(f"{DAMAGED} (A snapshot of a room cannot be read.)") from error
    return kept[start : start + length], kept[start + length :]


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
