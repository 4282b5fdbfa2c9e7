"""The table of `access.may` for people: `fourhands permissions` prints it, and `docs/security.md` holds it."""

from dataclasses import replace

from fourhands.access.in_team import ROLE_IN_ROOMS, TeamVerb, may_in_team
from fourhands.access.may import ALLOWED, Actor, Verb, withheld
from fourhands.model.account import TeamRole
from fourhands.model.role import GuestRole, RunRole
from fourhands.model.room import Room

YES, NO = "yes", "-"

_OPEN = Room("", "", "", GuestRole.EDITOR, False, "", 0, 0)
_DOORS = {
    "unless locked": replace(_OPEN, locked=True),
    "unless read-only": replace(_OPEN, read_only=True),
    "unless runs are off": replace(_OPEN, run_role=RunRole.NONE),
    "unless hosts alone run": replace(_OPEN, run_role=RunRole.HOST),
}
_ORDER = (Actor.HOST, Actor.EDITOR, Actor.VIEWER, Actor.LOBBY, Actor.REMOVED, Actor.STRANGER, Actor.ACCOUNT, Actor.ADMIN, Actor.TEAM_MEMBER, Actor.TEAM_OWNER)


def cell(actor: Actor, verb: Verb) -> str:
    """`yes`, `-`, or what of the room's doors stands in the way."""
    if verb not in ALLOWED[actor]:
        return NO
    closed = [words for words, room in _DOORS.items() if withheld(actor, verb, room) is not None]
    if "unless hosts alone run" in closed:
        closed.remove("unless runs are off")  # goes without saying
    return ", ".join(closed) or YES


def markdown() -> str:
    """A row for each verb, a column for each kind of person."""
    return _written([["may", *(actor.value for actor in _ORDER)], *([verb.value, *(cell(actor, verb) for actor in _ORDER)] for verb in Verb)])


def team_markdown() -> str:
    """The same for teams; the last row says what somebody becomes in the team's rooms."""
    roles = (TeamRole.OWNER, TeamRole.MEMBER)
    rows = [[verb.value, *(YES if may_in_team(role, verb) else NO for role in roles), NO] for verb in TeamVerb]
    return _written([["may", *roles, "anybody else"], *rows, ["come into the team's rooms as", *(ROLE_IN_ROOMS[role] for role in roles), NO]])


def _written(rows: list[list[str]]) -> str:
    head, *others = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *others])
