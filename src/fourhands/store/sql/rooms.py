"""Rows of rooms. Each function works inside its caller's transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from fourhands.errors import NotFound
from fourhands.model.role import GuestRole, RunRole
from fourhands.model.room import Room
from fourhands.store.sealing import Box, Sealer
from fourhands.store.sql import executions
from fourhands.store.sql.tables import blocks, invites, journal, members, rooms, snapshots

NO_ROOM = "There is no such room."

ERASED_ROWS, ERASED_BYTES = 256, 1024 * 1024
"""What one step of erasing a room takes out."""

_HELD = (
    (blocks, blocks.c.last, blocks.c.payload),
    (journal, journal.c.position, journal.c.payload),
    (snapshots, snapshots.c.position, snapshots.c.state),
)
_ROOM = tuple(column for column in rooms.c if column.name != "head")
_TOUCH = update(rooms).where(rooms.c.id == bindparam("touched_id"), rooms.c.last_used_at_ms < bindparam("at_ms")).values(last_used_at_ms=bindparam("at_ms"))


def room_of(row: Row[Any], sealer: Sealer) -> Room:
    """A `Room` from a row that has all its columns."""
    box = sealer.box(row.id, row.key)
    return Room(
        id=row.id,
        title=box.open("title", 0, row.title).decode(),
        language=row.language,
        guest_role=GuestRole(row.guest_role),
        ephemeral=row.ephemeral,
        epoch=row.epoch,
        created_at_ms=row.created_at_ms,
        last_used_at_ms=row.last_used_at_ms,
        ended_at_ms=row.ended_at_ms,
        closed_at_ms=row.closed_at_ms,
        team_id=row.team_id,
        run_where=row.run_where,
        password_hash=None if row.password is None else box.open("password", 0, row.password).decode(),
        lobby=row.lobby,
        locked=row.locked,
        read_only=row.read_only,
        run_role=RunRole(row.run_role),
        expires_at_ms=row.expires_at_ms,
    )


def add(connection: Connection, sealer: Sealer, room: Room, head: int) -> Box:
    """Insert the room, whose journal holds `head` entries, with a key of its own."""
    key = sealer.new_key(room.id)
    box = sealer.box(room.id, key)
    connection.execute(
        insert(rooms).values(
            id=room.id,
            title=box.seal("title", 0, room.title.encode()),
            language=room.language,
            guest_role=room.guest_role.value,
            ephemeral=room.ephemeral,
            epoch=room.epoch,
            created_at_ms=room.created_at_ms,
            last_used_at_ms=room.last_used_at_ms,
            ended_at_ms=room.ended_at_ms,
            closed_at_ms=room.closed_at_ms,
            team_id=room.team_id,
            run_where=room.run_where,
            password=None if room.password_hash is None else box.seal("password", 0, room.password_hash.encode()),
            lobby=room.lobby,
            locked=room.locked,
            read_only=room.read_only,
            run_role=room.run_role.value,
            expires_at_ms=room.expires_at_ms,
            head=head,
            key=key,
        )
    )
    return box


def box_of(connection: Connection, sealer: Sealer, room_id: str, *, ended: bool = True) -> Box | None:
    """The room's box; None if there is no such room. `ended`: rooms that have ended count too."""
    there = [rooms.c.id == room_id] if ended else [rooms.c.id == room_id, rooms.c.ended_at_ms.is_(None)]
    row = connection.execute(select(rooms.c.key).where(*there)).one_or_none()
    return None if row is None else sealer.box(room_id, row.key)


def find(connection: Connection, sealer: Sealer, room_id: str) -> Room | None:
    """The room, ended ones too."""
    row = connection.execute(select(*_ROOM).where(rooms.c.id == room_id)).one_or_none()
    return None if row is None else room_of(row, sealer)


def change(connection: Connection, sealer: Sealer, room_id: str, changes: Mapping[str, str | int]) -> Room:
    """Change what is given of `store.port.RoomChanges`. Raises `NotFound`, for ended rooms too."""
    there = (rooms.c.id == room_id, rooms.c.ended_at_ms.is_(None))
    values: dict[str, object] = {**changes}
    if changes.get("run_where") == "any":
        values["run_where"] = None
    if changes.get("expires_at_ms") == 0:
        values["expires_at_ms"] = None
    if "title" in changes or "password_hash" in changes:
        box = box_of(connection, sealer, room_id)
        if box is None:
            raise NotFound(NO_ROOM)
        if "title" in changes:
            values["title"] = box.seal("title", 0, str(changes["title"]).encode())
        if "password_hash" in changes:
            hashed = str(values.pop("password_hash"))
            values["password"] = box.seal("password", 0, hashed.encode()) if hashed else None
    statement = update(rooms).where(*there).values(**values).returning(*_ROOM) if values else select(*_ROOM).where(*there)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(NO_ROOM)
    return room_of(row, sealer)


def touch(connection: Connection, used_at_ms: Mapping[str, int]) -> None:
    """Note later uses; a use that is older than the noted one changes nothing."""
    if used_at_ms:
        connection.execute(_TOUCH, [{"touched_id": room_id, "at_ms": used_at_ms[room_id]} for room_id in sorted(used_at_ms)])


def end(connection: Connection, room_id: str, at_ms: int) -> None:
    """Erase what the room holds and mark it ended; ending it again changes nothing. Raises `NotFound`."""
    found = connection.execute(select(rooms.c.ended_at_ms).where(rooms.c.id == room_id).with_for_update())
    row = found.one_or_none()
    if row is None:
        raise NotFound(NO_ROOM)
    if row.ended_at_ms is None:
        connection.execute(update(rooms).where(rooms.c.id == room_id).values(ended_at_ms=at_ms))
    connection.execute(update(rooms).where(rooms.c.id == room_id).values(head=0, title=b"", key=None, password=None))
    executions.unname(connection, room_id)
    for table in (journal, blocks, snapshots, members, invites):
        connection.execute(delete(table).where(table.c.room_id == room_id))


def shut(connection: Connection, room_id: str, at_ms: int) -> None:
    """Mark it closed; the first time counts. Raises `NotFound`, for ended rooms too."""
    closed = func.coalesce(rooms.c.closed_at_ms, at_ms)
    found = connection.execute(update(rooms).where(rooms.c.id == room_id, rooms.c.ended_at_ms.is_(None)).values(closed_at_ms=closed))
    if found.rowcount == 0:
        raise NotFound(NO_ROOM)


def close(connection: Connection, room_id: str, at_ms: int | None) -> None:
    """Let a room that takes several steps to erase be an ended one meanwhile; without a time: one that is due to be deleted.

    Its key goes in the first of them: what is still there then opens no more.
    """
    values = {"ended_at_ms": 0, "last_used_at_ms": 0} if at_ms is None else {"ended_at_ms": at_ms}
    connection.execute(update(rooms).where(rooms.c.id == room_id, rooms.c.ended_at_ms.is_(None)).values(**values, title=b"", key=None, password=None))


def erase_some(connection: Connection, room_id: str) -> bool:
    """Delete so much of what a room holds as takes a few milliseconds; whether there is more."""
    size = count = 0
    for table, place, content in _HELD:
        up_to: int | None = None
        for position, length in connection.execute(select(place, func.length(content)).where(table.c.room_id == room_id).order_by(place).limit(ERASED_ROWS)):
            if count and size + length > ERASED_BYTES:
                count = ERASED_ROWS
                break
            up_to, size, count = position, size + length, count + 1
        if up_to is not None:
            connection.execute(delete(table).where(table.c.room_id == room_id, place <= up_to))
        if count >= ERASED_ROWS:
            return True
    return False


def half_erased(connection: Connection) -> Sequence[str]:
    """Rooms that had ended when a crash came between two steps."""
    return connection.execute(select(rooms.c.id).where(rooms.c.ended_at_ms.is_not(None), rooms.c.head > 0)).scalars().all()


def remove(connection: Connection, room_id: str) -> None:
    """Delete the room; what refers to it goes with it."""
    executions.unname(connection, room_id)
    connection.execute(delete(rooms).where(rooms.c.id == room_id))


def unused(connection: Connection, before_ms: int, limit: int) -> Sequence[str]:
    """Ids of rooms last used before that time, oldest first."""
    statement = select(rooms.c.id).where(rooms.c.last_used_at_ms < before_ms).order_by(rooms.c.last_used_at_ms, rooms.c.id).limit(limit)
    return connection.execute(statement).scalars().all()


def expired(connection: Connection, now_ms: int, limit: int) -> Sequence[str]:
    """Ids of rooms that are to be ended by now, those first that were due first."""
    due = (rooms.c.expires_at_ms <= now_ms, rooms.c.ended_at_ms.is_(None))
    return connection.execute(select(rooms.c.id).where(*due).order_by(rooms.c.expires_at_ms, rooms.c.id).limit(limit)).scalars().all()


def ids(connection: Connection, after: str, limit: int) -> Sequence[str]:
    """Ids of all rooms, in their order."""
    return connection.execute(select(rooms.c.id).where(rooms.c.id > after).order_by(rooms.c.id).limit(limit)).scalars().all()


def left(connection: Connection, after: str, limit: int) -> Sequence[str]:
    """Ids of ephemeral rooms that somebody was in, in their order."""
    was_used = rooms.c.last_used_at_ms > rooms.c.created_at_ms
    statement = select(rooms.c.id).where(rooms.c.id > after, rooms.c.ephemeral, was_used, rooms.c.ended_at_ms.is_(None)).order_by(rooms.c.id).limit(limit)
    return connection.execute(statement).scalars().all()
