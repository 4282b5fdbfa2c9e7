"""Rows of teams and who is in them. Each function works inside its caller's transaction."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from fourhands.errors import Conflict, NotFound
from fourhands.model.account import OwnTeam, Team, TeamMember, TeamRole
from fourhands.store.sql.tables import accounts, rooms, team_members, teams

NO_TEAM = "There is no such team."
NEEDS_OWNER = "A team needs an owner: make somebody else one first, or delete the team."


def add(connection: Connection, team: Team, owner_id: str, most: int) -> None:
    """Insert the team and its owner. Raises `Conflict` past `most`, `NotFound` without the account."""
    _require_account(connection, owner_id)
    mine = select(func.count()).select_from(team_members).where(team_members.c.account_id == owner_id)
    if connection.execute(mine).scalar_one() >= most:
        raise Conflict(f"An account may be in {most} teams.")
    connection.execute(insert(teams).values(id=team.id, name=team.name, created_at_ms=team.created_at_ms))
    owner = {"team_id": team.id, "account_id": owner_id, "role": TeamRole.OWNER.value, "joined_at_ms": team.created_at_ms}
    connection.execute(insert(team_members).values(**owner))


def all_of(connection: Connection, account_id: str) -> Sequence[OwnTeam]:
    """The account's teams, by name."""
    other = team_members.alias("other")
    people = select(func.count()).select_from(other).where(other.c.team_id == teams.c.id).scalar_subquery().label("people")
    open_rooms = (rooms.c.team_id == teams.c.id, rooms.c.ended_at_ms.is_(None), rooms.c.closed_at_ms.is_(None))
    count = select(func.count()).select_from(rooms).where(*open_rooms).scalar_subquery().label("rooms")
    mine = select(teams, team_members.c.role, people, count).join(team_members, team_members.c.team_id == teams.c.id)
    found = connection.execute(mine.where(team_members.c.account_id == account_id).order_by(teams.c.name, teams.c.id))
    return [OwnTeam(Team(row.id, row.name, row.created_at_ms), TeamRole(row.role), row.people, row.rooms) for row in found]


def find(connection: Connection, team_id: str) -> tuple[Team, Sequence[TeamMember]] | None:
    """The team and its people."""
    row = connection.execute(select(teams).where(teams.c.id == team_id)).one_or_none()
    if row is None:
        return None
    columns = (accounts.c.id, accounts.c.login, accounts.c.name, accounts.c.color, team_members.c.role, team_members.c.joined_at_ms)
    there = select(*columns).join(team_members, team_members.c.account_id == accounts.c.id).where(team_members.c.team_id == team_id)
    people = connection.execute(there.order_by(team_members.c.joined_at_ms, accounts.c.id)).all()
    shown = [TeamMember(one.id, one.login, one.name, one.color, TeamRole(one.role), one.joined_at_ms) for one in people]
    return Team(row.id, row.name, row.created_at_ms), shown


def rename(connection: Connection, team_id: str, name: str) -> None:
    """Raises `NotFound`."""
    if not connection.execute(update(teams).where(teams.c.id == team_id).values(name=name)).rowcount:
        raise NotFound(NO_TEAM)


def remove(connection: Connection, team_id: str) -> None:
    """Delete it; its rooms are no team's from then on."""
    connection.execute(update(rooms).where(rooms.c.team_id == team_id).values(team_id=None))
    connection.execute(delete(teams).where(teams.c.id == team_id))


def put_member(connection: Connection, team_id: str, account_id: str, role: TeamRole, *, at_ms: int, most: int) -> None:
    """Add somebody, or give them another role. Raises `Conflict`, `NotFound`."""
    roles = _roles(connection, team_id)
    _require_account(connection, account_id)
    if account_id not in roles:
        if len(roles) >= most:
            raise Conflict(f"A team may have {most} people.")
        connection.execute(insert(team_members).values(team_id=team_id, account_id=account_id, role=role.value, joined_at_ms=at_ms))
        return
    if TeamRole.OWNER not in {**roles, account_id: role}.values():
        raise Conflict(NEEDS_OWNER)
    of_member = (team_members.c.team_id == team_id, team_members.c.account_id == account_id)
    connection.execute(update(team_members).where(*of_member).values(role=role.value))


def remove_member(connection: Connection, team_id: str, account_id: str) -> None:
    """Let somebody go; the last takes the team along. Raises `Conflict`, `NotFound`."""
    roles = _roles(connection, team_id)
    if roles.pop(account_id, None) is None:
        raise NotFound("There is no such person in this team.")
    if not roles:
        remove(connection, team_id)
        return
    if TeamRole.OWNER not in roles.values():
        raise Conflict(NEEDS_OWNER)
    connection.execute(delete(team_members).where(team_members.c.team_id == team_id, team_members.c.account_id == account_id))


def role(connection: Connection, team_id: str, account_id: str) -> TeamRole | None:
    """What the account is in the team."""
    found = select(team_members.c.role).where(team_members.c.team_id == team_id, team_members.c.account_id == account_id)
    word = connection.execute(found).scalar_one_or_none()
    return None if word is None else TeamRole(word)


def role_in(connection: Connection, room_id: str, account_id: str) -> TeamRole | None:
    """What the account is in the team that the room is of."""
    team_id = connection.execute(select(rooms.c.team_id).where(rooms.c.id == room_id)).scalar_one_or_none()
    return None if team_id is None else role(connection, team_id, account_id)


def give_room(connection: Connection, room_id: str, team_id: str | None) -> None:
    """Let the room be that team's, or none's. Raises `NotFound`."""
    if team_id is not None and connection.execute(select(teams.c.id).where(teams.c.id == team_id)).one_or_none() is None:
        raise NotFound(NO_TEAM)
    there = (rooms.c.id == room_id, rooms.c.ended_at_ms.is_(None))
    if not connection.execute(update(rooms).where(*there).values(team_id=team_id)).rowcount:
        raise NotFound("There is no such room.")


def _roles(connection: Connection, team_id: str) -> dict[str, TeamRole]:
    """Who is in the team, by account; its row is locked, so that two owners cannot both go at once. Raises `NotFound`."""
    if connection.execute(select(teams.c.id).where(teams.c.id == team_id).with_for_update()).one_or_none() is None:
        raise NotFound(NO_TEAM)
    found = connection.execute(select(team_members.c.account_id, team_members.c.role).where(team_members.c.team_id == team_id))
    return {row.account_id: TeamRole(row.role) for row in found}


def _require_account(connection: Connection, account_id: str) -> None:
    if connection.execute(select(accounts.c.id).where(accounts.c.id == account_id)).one_or_none() is None:
        raise NotFound("There is no such account.")
