"""Rows of snapshots: documents at some positions, whole or what was added since the one before. Each function works inside its caller's transaction."""

import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, delete, func, insert, select

from fourhands.errors import Conflict, InvalidRequest
from fourhands.protocol.varint import read_varuint
from fourhands.store.sealing import Box
from fourhands.store.snapshots import Snapshot, Stretch
from fourhands.store.sql.failures import DAMAGED, unavailable
from fourhands.store.sql.tables import blocks, journal, rooms, snapshots

CLOSEST_EDITS = 5_000
"""Snapshots stand no closer for good than this many positions; opening and seeking replay so many, and a few more."""

CLOSEST_BYTES = 128 * 1024
"""Nor closer than so many bytes of packed edits, if these are few and large: 20 ms to replay."""

FARTHEST_EDITS = 8_000
"""Edits between two snapshots that are replayed in 20 ms. Where more came at once, snapshots are made of the journal."""

FARTHEST_BYTES = CLOSEST_BYTES * 3 // 2

BYTES_AN_EDIT = 6
"""What snapshots may take for each position between two, if the edits themselves take less."""

LARGE_EDIT = 64
"""Packed bytes of an edit that is pasted, not typed."""

CHAIN = 32
"""So many may build on each other, and more while they take less than `CHAIN_SHARE` times the whole one at the beginning."""
CHAIN_SHARE = 2

PARTS = b"\x01"
"""What a row begins with whose snapshot may be in parts; the older ones begin with zlib's own 0x78."""
_encode = msgspec.msgpack.encode
_PARTS = msgspec.msgpack.Decoder(list[bytes])


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
    row = select(snapshots.c.position, snapshots.c.base, snapshots.c.state)
    chain = row.where(mine, snapshots.c.position == found).cte(recursive=True)
    chain = chain.union_all(row.where(mine, snapshots.c.position == chain.c.base, snapshots.c.position < chain.c.position))
    rows = connection.execute(select(chain).order_by(chain.c.position)).all()
    if rows[0].base is not None:
        raise unavailable(f"{DAMAGED} (A snapshot of a room that others build on is missing.)")
    states: list[bytes] = []
    vector = b""
    for one in rows:
        vector, parts = unsqueezed(box, one)
        states += parts
    return Snapshot(found, states[-1], rows[-1].base, vector, tuple(states[:-1]))


def base(connection: Connection, box: Box, room_id: str) -> Snapshot | None:
    """The snapshot that the next one is to build on; None if that is to be a whole one."""
    firm = _firm(connection, room_id, _places(connection, room_id))
    if not firm:
        return None
    chain = _chain(firm, firm[-1])
    whole, chained = chain[0], sum([place.size for place in chain[1:]])
    # the next whole one has no more bytes than they have together: it is not begun before it stays
    stays = whole.size + chained <= BYTES_AN_EDIT * (firm[-1].position - whole.position)
    if len(chain) > CHAIN and chained >= CHAIN_SHARE * whole.size and stays:
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
    if snapshot.base is not None and all(place.position != snapshot.base for place in firm):
        return
    if len(firm) < len(places):
        connection.execute(delete(snapshots).where(snapshots.c.room_id == room_id, snapshots.c.position == places[-1].position))
    until_ms = max(unfolded_until_ms, _until(connection, room_id, places, position))
    connection.execute(insert(snapshots).values(room_id=room_id, position=position, until_ms=until_ms, state=state, base=snapshot.base))


def stretches(connection: Connection, room_id: str, epoch: str, head: int) -> Sequence[Stretch]:
    """Where snapshots are too far from each other, or from the last row; they would stand where blocks end."""
    firm = [place.position for place in _firm(connection, room_id, _places(connection, room_id))]
    found: list[Stretch] = []
    for after, before in pairwise([*(firm if firm[:1] == [0] else [0, *firm]), head]):
        sizes = select(blocks.c.last, func.length(blocks.c.payload)).where(blocks.c.room_id == room_id, blocks.c.last > after, blocks.c.first <= before)
        rows = [(last, size) for last, size in connection.execute(sizes.order_by(blocks.c.last)) if last <= before]
        if before - after > FARTHEST_EDITS or sum([size for _, size in rows]) > FARTHEST_BYTES:
            places = [place for place in _spread(after, rows) if place < before]
            if places:
                found.append(Stretch(after, places, epoch))
    return found


def _spread(after: int, rows: Sequence[tuple[int, int]]) -> Iterator[int]:
    """Ends of blocks, as far from each other as snapshots may be while people type."""
    size = 0
    for (last, own), (following, further) in pairwise([*rows, (1 << 62, 0)]):
        size += own
        if following - after > CLOSEST_EDITS or size + further > CLOSEST_BYTES:
            yield last
            after, size = last, 0


def add(connection: Connection, room_id: str, snapshot: Snapshot, state: bytes) -> bool:
    """Keep a snapshot between others, if that pays; whether it was kept."""
    places, position = _places(connection, room_id), snapshot.position
    before = [place for place in places if place.position < position]
    if len(before) < len(places) and places[len(before)].position == position:
        return False
    if snapshot.base is not None and all(place.position != snapshot.base for place in before):
        return False
    since = snapshot.base if snapshot.base is not None else max([place.position for place in before if place.base is None], default=0)
    if len(state) > _may_take(connection, room_id, since, position):
        return False
    until_ms = _until(connection, room_id, before, position)
    connection.execute(insert(snapshots).values(room_id=room_id, position=position, until_ms=until_ms, state=state, base=snapshot.base))
    return True


def _until(connection: Connection, room_id: str, before: Sequence[_Place], position: int) -> int:
    """The latest time of rows up to that position."""
    after = before[-1].position if before else -1
    return max(
        before[-1].until_ms if before else 0,
        connection.execute(
            select(func.max(blocks.c.until_ms)).where(blocks.c.room_id == room_id, blocks.c.last > after, blocks.c.first <= position)
        ).scalar_one()
        or 0,
        connection.execute(
            select(func.max(journal.c.at_ms)).where(journal.c.room_id == room_id, journal.c.position > after, journal.c.position <= position)
        ).scalar_one()
        or 0,
    )


def _places(connection: Connection, room_id: str) -> Sequence[_Place]:
    columns = select(snapshots.c.position, snapshots.c.base, snapshots.c.until_ms, func.length(snapshots.c.state))
    return [_Place(*row) for row in connection.execute(columns.where(snapshots.c.room_id == room_id).order_by(snapshots.c.position))]


def _chain(places: Sequence[_Place], last: _Place) -> Sequence[_Place]:
    """A snapshot and those that it builds on, the first of them first."""
    at = {place.position: place for place in places}
    chain = [last]
    while chain[-1].base is not None and (place := at.get(chain[-1].base)) is not None and place.position < chain[-1].position:
        chain.append(place)
    return chain[::-1]


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
    return before if near or last.size > _may_take(connection, room_id, since, last.position) else places


def _may_take(connection: Connection, room_id: str, since: int, position: int) -> int:
    """The bytes of a snapshot that pays. One of large edits is a little more than they are: it says where each piece stands."""
    edits, positions = _edits_bytes(connection, room_id, since, position), position - since
    return max(BYTES_AN_EDIT * positions, edits + edits // 4 if edits > LARGE_EDIT * positions else edits)


def _edits_bytes(connection: Connection, room_id: str, after: int, up_to: int) -> int:
    size = select(func.sum(func.length(blocks.c.payload))).where(blocks.c.room_id == room_id, blocks.c.last > after, blocks.c.first <= up_to)
    return connection.execute(size).scalar_one() or 0


def squeeze(snapshot: Snapshot) -> bytes:
    """A snapshot as it is kept, before it is sealed: zlib of msgpack [state vector, part, ...]. Takes 5 ms for 100 KB."""
    return PARTS + zlib.compress(_encode([snapshot.vector, *snapshot.first, snapshot.state]), 6)


def unsqueezed(box: Box, row: Any) -> tuple[bytes, Sequence[bytes]]:
    """State vector and parts."""
    try:
        opened = box.open("snapshot", row.position, row.state)
        if opened[:1] == PARTS:
            vector, *parts = _PARTS.decode(zlib.decompress(opened[1:]))
        else:  # varUint length, state vector, state
            kept = zlib.decompress(opened)
            length, start = read_varuint(kept, 0)
            vector, parts = kept[start : start + length], [kept[start + length :]]
    except (zlib.error, InvalidRequest, msgspec.MsgspecError, ValueError) as error:
        raise unavailable(f"{DAMAGED} (A snapshot of a room cannot be read.)") from error
    if not parts:
        raise unavailable(f"{DAMAGED} (A snapshot of a room cannot be read.)")
    return vector, parts


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
