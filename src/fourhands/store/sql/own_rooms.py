"""Rooms as an account sees them: those it is a member of, and its teams'. Each function works inside its caller's transaction."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, update

from fourhands.errors import Conflict, NotFound, Unavailable
from fourhands.model.account import OwnRoom
from fourhands.model.room import MemberState
from fourhands.store.sealing import Sealer
from fourhands.store.sql.tables import members, rooms, team_members, teams

NOT_YOURS = "This room is not in your list."


def page(
    connection: Connection, sealer: Sealer, account_id: str, *, archived: bool, team_id: str | None, before: tuple[int, str] | None, limit: int
) -> Sequence[OwnRoom]:
    """The next ones behind `before`, by last use."""
    wanted = _wanted(account_id, archived=archived, team_id=team_id)
    if before is not None:
        at_ms, room_id = before
        wanted = wanted.where(or_(rooms.c.last_used_at_ms < at_ms, and_(rooms.c.last_used_at_ms == at_ms, rooms.c.id > room_id)))
    found = connection.execute(wanted.order_by(rooms.c.last_used_at_ms.desc(), rooms.c.id).limit(limit))
    return [_own(row, sealer) for row in found]


def _wanted(account_id: str, *, archived: bool, team_id: str | None) -> Select[*tuple[Any, ...]]:
    """All rooms of the account and its teams, found by their indexes: the list must not read all rooms that there are."""
    mine, other = members.alias("mine"), members.alias("other")
    my_rooms = select(members.c.room_id).where(members.c.account_id == account_id)
    my_teams = select(team_members.c.team_id).where(team_members.c.account_id == account_id)
    people = select(func.count()).where(other.c.room_id == rooms.c.id, other.c.state == MemberState.IN.value).scalar_subquery()
    columns = (
        rooms.c.id, rooms.c.title, rooms.c.key, rooms.c.language, rooms.c.ephemeral, rooms.c.team_id, rooms.c.created_at_ms, rooms.c.last_used_at_ms,
        mine.c.role, mine.c.archived_at_ms, teams.c.name.label("team"), people.label("people"),
    )  # fmt: skip
    return (
        select(*columns)
        .outerjoin(mine, and_(mine.c.room_id == rooms.c.id, mine.c.account_id == account_id))
        .outerjoin(teams, and_(teams.c.id == rooms.c.team_id, teams.c.id.in_(my_teams)))
        .where(rooms.c.ended_at_ms.is_(None), rooms.c.closed_at_ms.is_(None))
        .where(or_(mine.c.state == MemberState.IN.value, and_(mine.c.id.is_(None), teams.c.id.is_not(None))))
        .where(or_(rooms.c.id.in_(my_rooms), rooms.c.team_id.in_(my_teams)) if team_id is None else and_(rooms.c.team_id == team_id, teams.c.id.is_not(None)))
        .where(mine.c.archived_at_ms.is_not(None) if archived else mine.c.archived_at_ms.is_(None))
    )


def _own(row: Row[*tuple[Any, ...]], sealer: Sealer) -> OwnRoom:
    return OwnRoom(
        id=row.id,
        title=_title(sealer, row.id, row.key, row.title),
        language=row.language,
        ephemeral=row.ephemeral,
        role=row.role,
        team_id=row.team_id if row.team is not None else None,
        team=row.team,
        people=row.people,
        created_at_ms=row.created_at_ms,
        last_used_at_ms=row.last_used_at_ms,
        archived_at_ms=row.archived_at_ms,
    )


def archive(connection: Connection, account_id: str, room_id: str, at_ms: int | None) -> None:
    """Put it aside, or take it back. Raises `NotFound`."""
    _change(connection, account_id, room_id, {"archived_at_ms": at_ms})


def leave(connection: Connection, account_id: str, room_id: str) -> None:
    """The member stays, and is nobody's account. Raises `NotFound`, also for somebody who was removed: they would come back as somebody new."""
    _change(connection, account_id, room_id, {"account_id": None, "archived_at_ms": None}, members.c.state != MemberState.REMOVED.value)


def member_in(connection: Connection, account_id: str, room_id: str) -> str | None:
    """The account's member in that room."""
    return connection.execute(select(members.c.id).where(members.c.account_id == account_id, members.c.room_id == room_id)).scalar_one_or_none()


def adopt(connection: Connection, room_id: str, member_id: str, account_id: str) -> None:
    """Let a member be that account's. Raises `Conflict`, `NotFound`."""
    of_member = (members.c.room_id == room_id, members.c.id == member_id)
    row = connection.execute(select(members.c.account_id).where(*of_member).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such person in this room.")
    if row.account_id not in {None, account_id} or member_in(connection, account_id, room_id) not in {None, member_id}:
        raise Conflict("This person has another account.")
    connection.execute(update(members).where(*of_member).values(account_id=account_id))


def _change(connection: Connection, account_id: str, room_id: str, values: dict[str, object], *those: ColumnElement[bool]) -> None:
    of_account = update(members).where(members.c.account_id == account_id, members.c.room_id == room_id, *those)
    if not connection.execute(of_account.values(**values)).rowcount:
        raise NotFound(NOT_YOURS)


def _title(sealer: Sealer, room_id: str, key: bytes | None, sealed: bytes) -> str:
    """The room's title; empty where it cannot be read: who opens that room hears why."""
    with suppress(Unavailable, UnicodeDecodeError):
        return sealer.box(room_id, key).open("title", 0, sealed).decode()
    return ""
