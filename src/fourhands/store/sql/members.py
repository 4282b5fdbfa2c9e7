"""Rows of members and invites. Each function works inside its caller's transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from fourhands.errors import NotFound
from fourhands.model.role import Role
from fourhands.model.room import Invite, Member
from fourhands.store.sql.rooms import NO_ROOM
from fourhands.store.sql.tables import invites, members, rooms


def _member(row: Row[Any]) -> Member:
    return Member(id=row.id, room_id=row.room_id, name=row.name, color=row.color, role=Role(row.role), joined_at_ms=row.joined_at_ms)


async def add(connection: AsyncConnection, member: Member) -> None:
    """Insert the member. Raises `NotFound` if the room is not there or has ended."""
    open_room = select(rooms.c.id).where(rooms.c.id == member.room_id, rooms.c.ended_at_ms.is_(None)).with_for_update(read=True)
    if (await connection.execute(open_room)).one_or_none() is None:
        raise NotFound(NO_ROOM)
    await connection.execute(
        insert(members).values(
            room_id=member.room_id, id=member.id, name=member.name, color=member.color, role=member.role.value, joined_at_ms=member.joined_at_ms
        )
    )


async def find(connection: AsyncConnection, room_id: str, member_id: str) -> Member | None:
    """The member of that room."""
    row = (await connection.execute(select(members).where(members.c.room_id == room_id, members.c.id == member_id))).one_or_none()
    return None if row is None else _member(row)


async def change(connection: AsyncConnection, room_id: str, member_id: str, changes: Mapping[str, str]) -> Member:
    """Change the columns that are given. Raises `NotFound`."""
    there = (members.c.room_id == room_id, members.c.id == member_id)
    statement = update(members).where(*there).values(**changes).returning(*members.c) if changes else select(members).where(*there)
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound("There is no such person in this room.")
    return _member(row)


async def count(connection: AsyncConnection, room_id: str) -> int:
    """How many members the room has."""
    return (await connection.execute(select(func.count()).select_from(members).where(members.c.room_id == room_id))).scalar_one()


async def add_invites(connection: AsyncConnection, new: Sequence[Invite]) -> None:
    """Insert the keys."""
    if new:
        await connection.execute(insert(invites), [{"room_id": invite.room_id, "key": invite.key, "role": invite.role.value} for invite in new])


async def find_invites(connection: AsyncConnection, room_id: str) -> Sequence[Invite]:
    """The room's keys, viewers' first."""
    rows = (await connection.execute(select(invites).where(invites.c.room_id == room_id))).all()
    return sorted((Invite(room_id=row.room_id, role=Role(row.role), key=row.key) for row in rows), key=lambda invite: (invite.role.rank, invite.key))
