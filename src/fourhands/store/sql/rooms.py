"""Rows of rooms. Each function works inside its caller's transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from fourhands.errors import NotFound
from fourhands.model.role import GuestRole
from fourhands.model.room import Room
from fourhands.store.sql.tables import invites, journal, members, rooms, snapshots

NO_ROOM = "There is no such room."

_ROOM = tuple(column for column in rooms.c if column.name != "head")
_TOUCH = update(rooms).where(rooms.c.id == bindparam("touched_id"), rooms.c.last_used_at_ms < bindparam("at_ms")).values(last_used_at_ms=bindparam("at_ms"))


def room_of(row: Row[Any]) -> Room:
    """A `Room` from a row that has all its columns."""
    return Room(
        id=row.id,
        title=row.title,
        language=row.language,
        guest_role=GuestRole(row.guest_role),
        ephemeral=row.ephemeral,
        epoch=row.epoch,
        created_at_ms=row.created_at_ms,
        last_used_at_ms=row.last_used_at_ms,
        ended_at_ms=row.ended_at_ms,
    )


async def add(connection: AsyncConnection, room: Room, head: int) -> None:
    """Insert the room; its journal holds `head` entries."""
    await connection.execute(
        insert(rooms).values(
            id=room.id,
            title=room.title,
            language=room.language,
            guest_role=room.guest_role.value,
            ephemeral=room.ephemeral,
            epoch=room.epoch,
            created_at_ms=room.created_at_ms,
            last_used_at_ms=room.last_used_at_ms,
            ended_at_ms=room.ended_at_ms,
            head=head,
        )
    )


async def find(connection: AsyncConnection, room_id: str) -> Room | None:
    """The room, ended ones too."""
    row = (await connection.execute(select(*_ROOM).where(rooms.c.id == room_id))).one_or_none()
    return None if row is None else room_of(row)


async def change(connection: AsyncConnection, room_id: str, changes: Mapping[str, str]) -> Room:
    """Change the columns that are given. Raises `NotFound`, for ended rooms too."""
    there = (rooms.c.id == room_id, rooms.c.ended_at_ms.is_(None))
    statement = update(rooms).where(*there).values(**changes).returning(*_ROOM) if changes else select(*_ROOM).where(*there)
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound(NO_ROOM)
    return room_of(row)


async def touch(connection: AsyncConnection, used_at_ms: Mapping[str, int]) -> None:
    """Note later uses; a use that is older than the noted one changes nothing."""
    if used_at_ms:
        await connection.execute(_TOUCH, [{"touched_id": room_id, "at_ms": used_at_ms[room_id]} for room_id in sorted(used_at_ms)])


async def end(connection: AsyncConnection, room_id: str, at_ms: int) -> None:
    """Erase what the room holds and mark it ended; ending it again changes nothing. Raises `NotFound`."""
    found = await connection.execute(select(rooms.c.ended_at_ms).where(rooms.c.id == room_id).with_for_update())
    row = found.one_or_none()
    if row is None:
        raise NotFound(NO_ROOM)
    if row.ended_at_ms is None:
        await connection.execute(update(rooms).where(rooms.c.id == room_id).values(ended_at_ms=at_ms))
        for table in (journal, snapshots, members, invites):
            await connection.execute(delete(table).where(table.c.room_id == room_id))


async def remove(connection: AsyncConnection, room_id: str) -> None:
    """Delete the room; what refers to it goes with it."""
    await connection.execute(delete(rooms).where(rooms.c.id == room_id))


async def unused(connection: AsyncConnection, before_ms: int, limit: int) -> Sequence[str]:
    """Ids of rooms last used before that time, oldest first."""
    statement = select(rooms.c.id).where(rooms.c.last_used_at_ms < before_ms).order_by(rooms.c.last_used_at_ms, rooms.c.id).limit(limit)
    return (await connection.execute(statement)).scalars().all()
