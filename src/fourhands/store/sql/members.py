"""Rows of members. Each function works inside its caller's transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from fourhands.errors import Conflict, NotFound
from fourhands.model.role import Role
from fourhands.model.room import Member, MemberState
from fourhands.store.sealing import Sealer
from fourhands.store.sql.rooms import NO_ROOM, box_of
from fourhands.store.sql.tables import members, rooms

_MEMBER = (*members.c, rooms.c.key)


def _member(row: Row[Any], sealer: Sealer) -> Member:
    name = sealer.box(row.room_id, row.key).open(f"name/{row.id}", 0, row.name).decode()
    return Member(
        id=row.id,
        room_id=row.room_id,
        name=name,
        color=row.color,
        role=Role(row.role),
        joined_at_ms=row.joined_at_ms,
        state=MemberState(row.state),
        role_fixed=row.role_fixed,
        account_id=row.account_id,
    )


def add(connection: Connection, sealer: Sealer, member: Member) -> None:
    """Insert the member. Raises `NotFound` if the room is not there or has ended."""
    open_room = select(rooms.c.key).where(rooms.c.id == member.room_id, rooms.c.ended_at_ms.is_(None)).with_for_update(read=True)
    row = connection.execute(open_room).one_or_none()
    if row is None:
        raise NotFound(NO_ROOM)
    name = sealer.box(member.room_id, row.key).seal(f"name/{member.id}", 0, member.name.encode())
    connection.execute(
        insert(members).values(
            room_id=member.room_id,
            id=member.id,
            name=name,
            color=member.color,
            role=member.role.value,
            joined_at_ms=member.joined_at_ms,
            state=member.state.value,
            role_fixed=member.role_fixed,
            account_id=member.account_id,
        )
    )


def find(connection: Connection, sealer: Sealer, room_id: str, member_id: str) -> Member | None:
    """The member of that room."""
    statement = select(*_MEMBER).join(rooms, rooms.c.id == members.c.room_id).where(members.c.room_id == room_id, members.c.id == member_id)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _member(row, sealer)


def change(connection: Connection, sealer: Sealer, room_id: str, member_id: str, changes: Mapping[str, str | int]) -> Member:
    """Change the columns that are given. Raises `NotFound`, and `Conflict` if the room's last host would be none any more."""
    values: dict[str, object] = {**changes}
    if "name" in changes:
        box = box_of(connection, sealer, room_id)
        if box is None:
            raise NotFound(NO_ROOM)
        values["name"] = box.seal(f"name/{member_id}", 0, str(changes["name"]).encode())
    if changes.get("role", Role.HOST) != Role.HOST or changes.get("state", MemberState.IN) != MemberState.IN:
        _require_other_host(connection, room_id, member_id)
    if values:
        connection.execute(update(members).where(members.c.room_id == room_id, members.c.id == member_id).values(**values))
    member = find(connection, sealer, room_id, member_id)
    if member is None:
        raise NotFound("There is no such person in this room.")
    return member


def _require_other_host(connection: Connection, room_id: str, member_id: str) -> None:
    """Raises `Conflict` if that member is the only host. Locks the room's row, so that two hosts cannot both go at once."""
    connection.execute(select(rooms.c.id).where(rooms.c.id == room_id).with_for_update())
    hosts = select(members.c.id).where(members.c.room_id == room_id, members.c.role == Role.HOST.value, members.c.state == MemberState.IN.value)
    if connection.execute(hosts).scalars().all() == [member_id]:
        raise Conflict("A room needs a host: make somebody else one first.")


def all_of(connection: Connection, sealer: Sealer, room_id: str, state: MemberState | None = None, limit: int | None = None) -> Sequence[Member]:
    """Everybody who ever joined the room, in the order of joining; of that state, if one is given, and the newest if there is a limit."""
    statement = select(*_MEMBER).join(rooms, rooms.c.id == members.c.room_id).where(members.c.room_id == room_id)
    if state is not None:
        statement = statement.where(members.c.state == state.value)
    newest = statement.order_by(members.c.joined_at_ms.desc(), members.c.id.desc()).limit(limit)
    return [_member(row, sealer) for row in reversed(connection.execute(newest).all())]


def count(connection: Connection, room_id: str) -> int:
    """How many members the room has."""
    return (connection.execute(select(func.count()).select_from(members).where(members.c.room_id == room_id))).scalar_one()
