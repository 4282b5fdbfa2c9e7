"""What the audit log says: who did what, on what, from where, when. Never passwords, tokens, or what people wrote."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fourhands.model.room import Member

WhoKind = Literal["member", "account", "stranger", "operator", "server"]


@dataclass(frozen=True, slots=True)
class Who:
    """Who did it. `kind`: a member of a room, an account, a stranger, an operator at the command line, or the server itself.

    `id`: of the member or account; empty for the others. `name`: of an account or an operator. `address`: where from, as
    `model.addresses` writes it; empty where it is not known.
    """

    kind: WhoKind
    id: str = ""
    name: str = ""
    address: str = ""

    @classmethod
    def of_member(cls, member: Member, address: str = "") -> "Who":
        """A member, as the log tells of them: by id. A line outlives the room and its key, and a name that somebody takes back."""
        return cls("member", member.id, "", address)


SERVER = Who("server")
"""Done by nobody: by a clock, at a start."""


@dataclass(frozen=True, slots=True)
class Noted:
    """One line of the log. `what`: dotted words ("room.ended"). `on`: what it was done to (a member, an account, an address, a setting).

    `id` rises; 0: not written yet. `at_ms`: milliseconds since the epoch.
    """

    what: str
    who: Who
    at_ms: int
    room_id: str = ""
    on: str = ""
    detail: Mapping[str, str | int | bool | None] = field(default_factory=dict[str, str | int | bool | None])
    id: int = 0
