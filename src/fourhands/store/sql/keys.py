"""Keys of rooms: what a start does to them, and sealing what was written before there were any.

Each function works inside its caller's transaction. A room's key stands in its row and goes with it: what is left of an
ended room in a file, or in a backup of its other tables, opens no more.
"""

from contextlib import suppress
from typing import NamedTuple, cast

from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, bindparam, func, literal, or_, select, update

from fourhands.errors import Unavailable
from fourhands.store.encryption import MAGIC, closed
from fourhands.store.sealing import Box, Sealer
from fourhands.store.sql.tables import blocks, invites, journal, members, rooms, snapshots

STEP_ROOMS = 500

_SET_KEY = update(rooms).where(rooms.c.id == bindparam("room")).values(key=bindparam("new_key", type_=LargeBinary()))


class _Sealed(NamedTuple):
    """A column that is sealed. `row` tells the room's rows apart; `kind` and `position` are what its box binds."""

    payload: Column[bytes]
    row: Column[int]
    kind: ColumnElement[str]
    position: Column[int]


_SEALED = (
    _Sealed(blocks.c.payload, blocks.c.last, literal("edits"), blocks.c.first),
    _Sealed(journal.c.payload, journal.c.position, journal.c.kind, journal.c.position),
    _Sealed(snapshots.c.state, snapshots.c.position, literal("snapshot"), snapshots.c.position),
)


def check(connection: Connection, sealer: Sealer) -> None:
    """Raises `Unavailable` if rooms are encrypted under a key that is not there: they must not be taken for damaged ones."""
    one_of_each = select(func.min(rooms.c.id)).where(rooms.c.key.is_not(None)).group_by(func.substr(rooms.c.key, 1, 8))
    for key in connection.execute(select(rooms.c.key).where(rooms.c.id.in_(one_of_each))).scalars():
        if not sealer.knows(key):
            raise closed(
                "Rooms in this database are encrypted under a key that is not set. Nothing was changed: put it into FOURHANDS_ENCRYPTION_KEYS "
                "(behind the newest, if there is a newer one) and start again."
            )


def renew(connection: Connection, sealer: Sealer, after: str) -> str | None:
    """Wrap keys of the next rooms by the newest master key, and give a key to those that have none and are open.

    Returns where to go on, None at the end. A key that is damaged stays: its room says so when somebody opens it. What a
    room held before it had a key stays plain until `seal_rows`; its title, password and names are sealed at once.
    """
    wanted = select(rooms.c.id, rooms.c.key, rooms.c.head, rooms.c.title, rooms.c.password).where(
        rooms.c.id > after, or_(rooms.c.key.is_not(None), rooms.c.ended_at_ms.is_(None))
    )
    found = connection.execute(wanted.order_by(rooms.c.id).limit(STEP_ROOMS).with_for_update()).all()
    changed: list[dict[str, object]] = []
    for row in found:
        key = row.key
        if key is None:
            key = sealer.new_key(row.id, row.head)
            if key is not None:
                box = sealer.box(row.id, key)
                _seal_row(connection, box, row.id, row.title, row.password)
                _seal_names(connection, box, row.id)
        else:
            with suppress(Unavailable):
                key = sealer.renewed(row.id, key)
        if key != row.key:
            changed.append({"room": row.id, "new_key": key})
    if changed:
        connection.execute(_SET_KEY, changed)
    return found[-1].id if len(found) == STEP_ROOMS else None


def _seal_row(connection: Connection, box: Box, room_id: str, title: bytes, password: bytes | None) -> None:
    sealed = None if password is None else box.seal("password", 0, password)
    connection.execute(update(rooms).where(rooms.c.id == room_id).values(title=box.seal("title", 0, title), password=sealed))


def _seal_names(connection: Connection, box: Box, room_id: str) -> None:
    """Of people, and of invitations."""
    for member_id, name in connection.execute(select(members.c.id, members.c.name).where(members.c.room_id == room_id)).all():
        of_member = update(members).where(members.c.room_id == room_id, members.c.id == member_id)
        connection.execute(of_member.values(name=box.seal(f"name/{member_id}", 0, name)))
    for invite_id, label in connection.execute(select(invites.c.id, invites.c.label).where(invites.c.room_id == room_id)).all():
        of_invite = update(invites).where(invites.c.room_id == room_id, invites.c.id == invite_id)
        connection.execute(of_invite.values(label=box.seal(f"label/{invite_id}", 0, label)))


def seal_rows(connection: Connection, sealer: Sealer, room_id: str, most: int) -> int:
    """Seal at most so many rows of each kind that were written before the room had a key, and note when none is left.

    Returns how many it sealed; 0: there was nothing to do.
    """
    key = connection.execute(select(rooms.c.key).where(rooms.c.id == room_id).with_for_update()).scalar_one_or_none()
    if key is None or sealer.renewed(room_id, key, all_sealed=True) == key:
        return 0
    box = sealer.box(room_id, key)
    sealed = sum(_seal_column(connection, box, room_id, column, most) for column in _SEALED)
    if not sealed:
        connection.execute(_SET_KEY, [{"room": room_id, "new_key": sealer.renewed(room_id, key, all_sealed=True)}])
    return sealed


def _seal_column(connection: Connection, box: Box, room_id: str, column: "_Sealed", most: int) -> int:
    table = column.payload.table
    plain = select(column.row, column.payload, column.kind, column.position).where(
        table.c.room_id == room_id, func.substr(column.payload, 1, len(MAGIC)) != MAGIC
    )
    found = connection.execute(plain.limit(most)).all()
    for row in found:
        key, payload, kind, position = cast("tuple[int, bytes, str, int]", tuple(row))
        of_row = update(table).where(table.c.room_id == room_id, column.row == key)
        connection.execute(of_row.values({column.payload: box.seal(kind, position, payload)}))
    return len(found)
