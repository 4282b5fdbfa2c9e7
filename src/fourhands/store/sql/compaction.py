"""Merging a room's blocks: many small ones cost more bytes than a few large ones, which are read as fast.

A merge is planned and packed beside the writer, and put in place in one transaction that takes out exactly the rows
that were read: a cut leaves the old rows or the new one, and a room that was ended meanwhile is left alone.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from fourhands.store.sealing import Box
from fourhands.store.sql.journal import EDITS_PER_BLOCK, block_row, open_block
from fourhands.store.sql.tables import blocks, rooms

MERGE_BYTES = 64 * 1024
"""Compressed bytes that one merge reads, at the most."""

SMALL_EDITS, SMALL_ROWS = 512, 16
"""While people type, so many rows of fewer edits each become one."""

_SIZES = select(blocks.c.first, blocks.c.last, func.length(blocks.c.payload), blocks.c.small)


class Merge(NamedTuple):
    """A row, and the rows that it stands for, by their last positions, in a room of that epoch: in a later one they may have been rewritten."""

    row: dict[str, object]
    stands_for: Sequence[int]
    epoch: str


class _Piece(NamedTuple):
    first: int
    last: int
    size: int
    small: bool


def plan(connection: Connection, box: Box, room_id: str, *, thorough: bool) -> Merge | None:
    """The next merge, packed. `thorough`: until nothing can be smaller; else only many small rows at the end, and cheaply."""
    sizes = _SIZES.where(blocks.c.room_id == room_id)
    if thorough:
        chosen = _first_run([_Piece(*row) for row in connection.execute(sizes.order_by(blocks.c.last))])
    else:
        chosen = _small_end([_Piece(*row) for row in connection.execute(sizes.order_by(blocks.c.last.desc()).limit(SMALL_ROWS * 8))])
    if not chosen:
        return None
    rows = (
        select(blocks.c.first, blocks.c.last, blocks.c.payload)
        .where(blocks.c.room_id == room_id, blocks.c.last >= chosen[0].last, blocks.c.last <= chosen[-1].last)
        .order_by(blocks.c.last)
    )
    edits = [edit for row in connection.execute(rows) for edit in open_block(box, row)]
    return Merge(block_row(room_id, box, chosen[0].first, edits, small=thorough), [piece.last for piece in chosen], _epoch(connection, room_id))


def put(connection: Connection, merge: Merge) -> None:
    """Put it in place of the rows; nothing is changed if they are not there any more."""
    if _epoch(connection, merge.row["room_id"], locked=True) != merge.epoch:
        return
    mine = (blocks.c.room_id == merge.row["room_id"], blocks.c.last >= merge.stands_for[0], blocks.c.last <= merge.stands_for[-1])
    if connection.execute(select(blocks.c.last).where(*mine).order_by(blocks.c.last)).scalars().all() == list(merge.stands_for):
        connection.execute(delete(blocks).where(*mine))
        connection.execute(insert(blocks).values(**merge.row))


def _epoch(connection: Connection, room_id: object, *, locked: bool = False) -> str:
    """Of a room; empty if there is none. `locked`: nobody else merges in it, or rewrites it, until the transaction ends."""
    there = select(rooms.c.epoch).where(rooms.c.id == room_id)
    return connection.execute(there.with_for_update(key_share=True) if locked else there).scalar_one_or_none() or ""


def _fits(run: Sequence[_Piece], piece: _Piece) -> bool:
    follows = run[-1].last + 1 == piece.first
    return follows and piece.last - run[0].first < EDITS_PER_BLOCK and sum([one.size for one in run]) + piece.size <= MERGE_BYTES


def _first_run(pieces: Sequence[_Piece]) -> Sequence[_Piece]:
    """The first neighbours of all that fit into one block, or a row that was packed in haste."""
    run: list[_Piece] = []
    for piece in pieces:
        if run and not _fits(run, piece):
            if len(run) > 1 or not run[0].small:
                return run
            run = []
        run.append(piece)
    return run if len(run) > 1 or (run and not run[0].small) else []


def _small_end(newest_first: Sequence[_Piece]) -> Sequence[_Piece]:
    """The small neighbours at the end of a room's rows, once there are many."""
    run: list[_Piece] = []
    for piece in newest_first:
        if piece.last - piece.first >= SMALL_EDITS or (run and not _fits([piece], run[0]._replace(last=run[-1].last, size=sum([one.size for one in run])))):
            break
        run.insert(0, piece)
    return run if len(run) >= SMALL_ROWS else []
