"""A commit where a database has several writers: straight into rows, in one transaction, under the locks of the rooms' own rows.

BEGIN; UPDATE rooms ... RETURNING head  (locks, in the order of ids)  ; INSERT rows ; COMMIT
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import BigInteger, Connection, String, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from fourhands.model.entry import Entry
from fourhands.store.port import Committed
from fourhands.store.sealing import Sealer
from fourhands.store.sql import journal
from fourhands.store.sql.tables import rooms

LATEST_MS = 2**63 - 1
_IDS = bindparam("ids", type_=ARRAY(String))
_GIVEN = (
    func.unnest(_IDS, bindparam("counts", type_=ARRAY(BigInteger)), bindparam("used", type_=ARRAY(BigInteger)))
    .table_valued("id", "count", "used", name="given")
    .render_derived()
)
_LOCKED = (
    select(rooms.c.id).where(rooms.c.id == func.any(_IDS), rooms.c.ended_at_ms.is_(None)).order_by(rooms.c.id).with_for_update(key_share=True).cte("locked")
)
_ADVANCE = (
    update(rooms)
    .where(rooms.c.id == _LOCKED.c.id, rooms.c.id == _GIVEN.c.id)
    .values(head=rooms.c.head + _GIVEN.c.count, last_used_at_ms=func.greatest(rooms.c.last_used_at_ms, _GIVEN.c.used))
    .returning(rooms.c.id, rooms.c.head, rooms.c.key)
)


def append(connection: Connection, sealer: Sealer, batches: Mapping[str, Sequence[Entry]]) -> Committed:
    """Write them. Rooms that are not there, or have ended, are passed over. Raises `OverflowError` for a time that is none."""
    ids = sorted(batches)
    used = [max([entry.at_ms for entry in batches[room_id]], default=0) for room_id in ids]
    if max(used, default=0) > LATEST_MS:
        raise OverflowError("a time is too large to be kept")
    given = {"ids": ids, "counts": [len(batches[room_id]) for room_id in ids], "used": used}
    heads: dict[str, int] = {}
    rows = journal.Rows([], [])
    for room_id, head, key in connection.execute(_ADVANCE, given):
        entries = batches[room_id]
        heads[room_id] = head
        more = journal.rows_of(room_id, sealer.box(room_id, key), head - len(entries), entries)
        rows.blocks.extend(more.blocks)
        rows.others.extend(more.others)
    journal.write(connection, rows)
    return Committed(heads, frozenset(batches.keys() - heads.keys()))
