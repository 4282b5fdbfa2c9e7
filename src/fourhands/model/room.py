"""Rooms and the people in them, as they are stored and shown."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from fourhands.model.ids import new_invite_id
from fourhands.model.role import GuestRole, Role, RunRole

RunWhere = Literal["browser", "server"]


@dataclass(frozen=True, slots=True)
class Room:
    """A room as stored. Times are milliseconds since the epoch (UTC).

    `epoch` changes when the document was rebuilt (a page that holds another one must not merge);
    `ended_at_ms` is set once the room was ended, `closed_at_ms` once it was ended and kept: its id stays refused. `run_where`: where its
    programs are to run; None: on the server where that can be had.

    Its doors: `password_hash` (argon2id) is asked of everybody new, `lobby` has them wait for a host, `locked` takes nobody new;
    none of these holds for a host's key. `read_only`: only hosts edit. `expires_at_ms`: it is ended then. `team_id`: whose people come in by being in
    that team.
    """

    id: str
    title: str
    language: str
    guest_role: GuestRole
    ephemeral: bool
    epoch: str
    created_at_ms: int
    last_used_at_ms: int
    ended_at_ms: int | None = None
    run_where: RunWhere | None = None
    password_hash: str | None = field(default=None, repr=False)
    lobby: bool = False
    locked: bool = False
    read_only: bool = False
    run_role: RunRole = RunRole.EDITOR
    expires_at_ms: int | None = None
    closed_at_ms: int | None = None
    team_id: str | None = None

    def is_over(self, now_ms: int) -> bool:
        """Whether it was ended or closed, or its time is up: nobody comes in any more."""
        return self.ended_at_ms is not None or self.closed_at_ms is not None or (self.expires_at_ms is not None and self.expires_at_ms <= now_ms)


class MemberState(StrEnum):
    """Whether a member is let in, waits in the lobby for a host's word, or was refused or removed by one."""

    IN = "in"
    WAITING = "waiting"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who joined a room. `color` is `#rrggbb`. `role_fixed`: a host chose the role, so no link's key raises it.

    `account_id`: whose account this is; an account is one member of a room, wherever it comes from.
    """

    id: str
    room_id: str
    name: str
    color: str
    role: Role
    joined_at_ms: int
    state: MemberState = MemberState.IN
    role_fixed: bool = False
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Invite:
    """A key that makes whoever joins with it at least `role`.

    A room has one standing invite for each role, whose id is the role's word; hosts make others. `used_at_ms`: when somebody last
    came in by it. It is good until `expires_at_ms`, until it was revoked, and, if `single_use`, until it was used.
    """

    room_id: str
    role: Role
    key: str = field(repr=False)
    id: str = field(default_factory=new_invite_id)
    label: str = ""
    made_at_ms: int = 0
    expires_at_ms: int | None = None
    single_use: bool = False
    used_at_ms: int | None = None
    revoked_at_ms: int | None = None

    @property
    def standing(self) -> bool:
        """Whether it is the one that its role always has."""
        return self.id == self.role.value

    def is_good(self, now_ms: int) -> bool:
        """Whether somebody may come in by it now."""
        used_up = self.single_use and self.used_at_ms is not None
        return self.revoked_at_ms is None and not used_up and (self.expires_at_ms is None or now_ms < self.expires_at_ms)


@dataclass(frozen=True, slots=True)
class File:
    """A file of a room's document; its text is the top-level type `file:<id>`."""

    id: str
    name: str
    language: str
