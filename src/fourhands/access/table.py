"""The table of `access.may` for people: `fourhands permissions` prints it, and `docs/security.md` holds it."""

from dataclasses import replace

from fourhands.access.may import ALLOWED, Actor, Verb, withheld
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
_ORDER = (Actor.HOST, Actor.EDITOR, Actor.VIEWER, Actor.LOBBY, Actor.REMOVED, Actor.STRANGER, Actor.ACCOUNT, Actor.ADMIN)


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
    head = ["may", *(actor.value for actor in _ORDER)]
    rows = [head, ["---"] * len(head), *([verb.value, *(cell(actor, verb) for actor in _ORDER)] for verb in Verb)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
