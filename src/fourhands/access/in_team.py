"""The one table of who may do what with a team, and what a team's people are in its rooms; `docs/security.md` shows both."""

from enum import StrEnum

from fourhands.errors import Forbidden, NotFound
from fourhands.model.account import TeamRole
from fourhands.model.role import Role

NO_TEAM = "There is no such team."


class TeamVerb(StrEnum):
    SEE = "see the team, its people and its rooms"
    ADD_ROOM = "open rooms for the team, and give it rooms that they host"
    LEAVE = "leave the team"
    RENAME = "rename the team"
    CHANGE_PEOPLE = "invite and remove people, and change their roles"
    TAKE_ROOM = "let a room of the team, which they host, be the team's no more"
    DELETE = "delete the team"


_MEMBER = frozenset({TeamVerb.SEE, TeamVerb.ADD_ROOM, TeamVerb.LEAVE})

ALLOWED_IN_TEAM: dict[TeamRole, frozenset[TeamVerb]] = {TeamRole.OWNER: frozenset(TeamVerb), TeamRole.MEMBER: _MEMBER}

ROLE_IN_ROOMS = {TeamRole.OWNER: Role.HOST, TeamRole.MEMBER: Role.EDITOR}
"""What somebody becomes who comes into a room of their team."""


def may_in_team(role: TeamRole | None, verb: TeamVerb) -> bool:
    """`role`: None for somebody who is not in the team, who may nothing."""
    return role is not None and verb in ALLOWED_IN_TEAM[role]


def require_in_team(role: TeamRole | None, verb: TeamVerb) -> TeamRole:
    """The role. Raises `NotFound` for whoever is not in the team (that there is one is not theirs to know), `Forbidden` for who may not."""
    if role is None:
        raise NotFound(NO_TEAM)
    if not may_in_team(role, verb):
        raise Forbidden(f"You are here as {role.value}: only owners of the team may {verb.value}.")
    return role
