"""Rows of who is asked into a team. Each function works inside its caller's transaction."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from fourhands.errors import Conflict, NotFound
from fourhands.model.account import TeamInvitation, TeamRole
from fourhands.store.sql import teams as team_rows
from fourhands.store.sql.tables import accounts, team_invitations, team_members, teams


def add(connection: Connection, team_id: str, login: str, role: TeamRole, *, at_ms: int, by: str, most: int) -> str | None:
    """Ask somebody; the account's id, or None. Raises `NotFound` without the team."""
    somebody = connection.execute(select(team_members.c.account_id).where(team_members.c.team_id == team_id).limit(1)).scalar_one_or_none()
    if somebody is None:
        raise NotFound(team_rows.NO_TEAM)
    account_id = connection.execute(select(accounts.c.id).where(accounts.c.login == login)).scalar_one_or_none()
    asked = select(func.count()).select_from(team_invitations).where(team_invitations.c.account_id == account_id, team_invitations.c.team_id != team_id)
    known = account_id is not None and team_rows.role(connection, team_id, account_id) is None and connection.execute(asked).scalar_one() < most
    # a row is written in any case, so that the time that this takes does not tell whether there is such an account
    asked_id = account_id if known and account_id is not None else somebody
    values = {"team_id": team_id, "account_id": asked_id, "role": role.value, "by_name": by, "made_at_ms": at_ms}
    connection.execute(delete(team_invitations).where(*_of(team_id, asked_id)))
    connection.execute(insert(team_invitations).values(**values))
    if not known:
        connection.execute(delete(team_invitations).where(*_of(team_id, somebody)))
    return asked_id if known else None


def take_back(connection: Connection, team_id: str, login: str) -> None:
    """Ask them no more."""
    account_id = connection.execute(select(accounts.c.id).where(accounts.c.login == login)).scalar_one_or_none()
    connection.execute(delete(team_invitations).where(*_of(team_id, account_id or "")))


def all_of(connection: Connection, account_id: str) -> Sequence[TeamInvitation]:
    """Those that the account has not answered."""
    found = select(team_invitations, teams.c.name).join(teams, teams.c.id == team_invitations.c.team_id).where(team_invitations.c.account_id == account_id)
    rows = connection.execute(found.order_by(team_invitations.c.made_at_ms.desc(), team_invitations.c.team_id))
    return [TeamInvitation(row.team_id, row.name, TeamRole(row.role), row.by_name, row.made_at_ms) for row in rows]


def answer(connection: Connection, team_id: str, account_id: str, at_ms: int, *, yes: bool, most: tuple[int, int]) -> TeamRole:
    """`most`: people of a team, teams of an account. Raises `NotFound`, `Conflict`."""
    word = connection.execute(select(team_invitations.c.role).where(*_of(team_id, account_id))).scalar_one_or_none()
    if word is None:
        raise NotFound("You are not asked into this team, or not any more.")
    connection.execute(delete(team_invitations).where(*_of(team_id, account_id)))
    if yes and team_rows.role(connection, team_id, account_id) is None:
        most_people, most_teams = most
        mine = select(func.count()).select_from(team_members).where(team_members.c.account_id == account_id)
        if connection.execute(mine).scalar_one() >= most_teams:
            raise Conflict(f"An account may be in {most_teams} teams.")
        team_rows.put_member(connection, team_id, account_id, TeamRole(word), at_ms=at_ms, most=most_people)
    return TeamRole(word)


def _of(team_id: str, account_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return team_invitations.c.team_id == team_id, team_invitations.c.account_id == account_id
