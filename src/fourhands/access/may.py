"""The one table of what each role may do. Every edge asks here before it acts."""

from enum import StrEnum

from fourhands.errors import Forbidden
from fourhands.model.role import Role


class Verb(StrEnum):
    READ = "read the room"
    PRESENT = "show where they are"
    CHAT = "write in the chat"
    RENAME_SELF = "change their name and colour"
    EDIT = "edit the text"
    RUN = "run code"
    STOP_RUN = "stop a run"
    CHANGE_ROOM = "change the room"
    SEE_INVITES = "see the invitation links"
    END_ROOM = "end the room"


_VIEWER = frozenset({Verb.READ, Verb.PRESENT, Verb.CHAT, Verb.RENAME_SELF})
_EDITOR = _VIEWER | {Verb.EDIT, Verb.RUN, Verb.STOP_RUN}

ALLOWED: dict[Role, frozenset[Verb]] = {
    Role.VIEWER: _VIEWER,
    Role.EDITOR: _EDITOR,
    Role.HOST: _EDITOR | {Verb.CHANGE_ROOM, Verb.SEE_INVITES, Verb.END_ROOM},
}


def may(role: Role, verb: Verb) -> bool:
    return verb in ALLOWED[role]


def require(role: Role, verb: Verb) -> None:
    """Raises `Forbidden` with who would be allowed."""
    if not may(role, verb):
        allowed = " and ".join(f"{other.value}s" for other in Role if may(other, verb))
        raise Forbidden(f"You are here as {role.value}: only {allowed} may {verb.value}.")
