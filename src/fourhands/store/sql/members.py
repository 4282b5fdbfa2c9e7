"""Rows of members and invites. Each function works inside its caller's transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from fourhands.errors import NotFound
from fourhands.model.role import Role
from fourhands.model.room import Invite, Member
from fourhands.store.sealing import Sealer
from fourhands.store.sql.rooms import NO_ROOM, box_of
from fourhands.store.sql.tables import invites, members, rooms

_MEMBER = (*members.c, rooms.c.key)


def _member(row: Row[Any], sealer: Sealer) -> Member:
    name = sealer.box(row.room_id, row.key).open(f"name/{row.id}", 0, row.name).decode()
    return Member(id=row.id, room_id=row.room_id, name=name, color=row.color, role=Role(row.role), joined_at_ms=row.joined_at_ms)


def add(connection: Connection, sealer: Sealer, member: Member) -> None:
    """Insert the member. Raises `NotFound` if the room is not there or has ended."""
    open_room = select(rooms.c.key).where(rooms.c.id == member.room_id, rooms.c.ended_at_ms.is_(None)).with_for_update(read=True)
    row = connection.execute(open_room).one_or_none()
    if row is None:
        raise NotFound(NO_ROOM)
    name = sealer.box(member.room_id, row.key).seal(f"name/{member.id}", 0, member.name.encode())
    connection.execute(
        insert(members).values(room_id=member.room_id, id=member.id, name=name, color=member.color, role=member.role.value, joined_at_ms=member.joined_at_ms)
    )


def find(connection: Connection, sealer: Sealer, room_id: str, member_id: str) -> Member | None:
    """The member of that room."""
    statement = select(*_MEMBER).join(rooms, rooms.c.id == members.c.room_id).where(members.c.room_id == room_id, members.c.id == member_id)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _member(row, sealer)


def change(connection: Connection, sealer: Sealer, room_id: str, member_id: str, changes: Mapping[str, str]) -> Member:
    """Change the columns that are given. Raises `NotFound`."""
    values: dict[str, object] = {**changes}
    if "name" in changes:
        box = box_of(connection, sealer, room_id)
        if box is None:
            raise NotFound(NO_ROOM)
        values["name"] = box.seal(f"name/{member_id}", 0, changes["name"].encode())
    if values:
        connection.execute(update(members).where(members.c.room_id == room_id, members.c.id == member_id).values(**values))
    member = find(connection, sealer, room_id, member_id)
    if member is None:
        raise NotFound("There is no such person in this room.")
    return member


def all_of(connection: Connection, sealer: Sealer, room_id: str) -> Sequence[Member]:
    """Everybody who ever joined the room, in the order of joining."""
    statement = select(*_MEMBER).join(rooms, rooms.c.id == members.c.room_id).where(members.c.room_id == room_id)
    return [_member(row, sealer) for row in connection.execute(statement.order_by(members.c.joined_at_ms, members.c.id))]


def count(connection: Connection, room_id: str) -> int:
    """How many members the room has."""
    return (connection.execute(select(func.count()).select_from(members).where(members.c.room_id == room_id))).scalar_one()


def add_invites(connection: Connection, new: Sequence[Invite]) -> None:
    """Insert the keys."""
    if new:
        connection.execute(insert(invites), [{"room_id": invite.room_id, "key": invite.key, "role": invite.role.value} for invite in new])


def find_invites(connection: Connection, room_id: str) -> Sequence[Invite]:
    """The room's keys, viewers' first."""
    rows = (connection.execute(select(invites).where(invites.c.room_id == room_id))).all()
    return sorted((Invite(room_id=row.room_id, role=Role(row.role), key=row.key) for row in rows), key=lambda invite: (invite.role.rank, invite.key))
