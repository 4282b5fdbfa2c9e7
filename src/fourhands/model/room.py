"""Rooms and the people in them, as they are stored and shown."""

from dataclasses import dataclass
from typing import Literal

from fourhands.model.role import GuestRole, Role

RunWhere = Literal["browser", "server"]


@dataclass(frozen=True, slots=True)
class Room:
    """A room as stored. Times are milliseconds since the epoch (UTC).

    `epoch` changes when the document was rebuilt (a page that holds another one must not merge);
    `ended_at_ms` is set once the room was ended: its id stays refused. `run_where`: where its programs are to run; None: on
    the server where that can be had.
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


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who joined a room. `color` is `#rrggbb`."""

    id: str
    room_id: str
    name: str
    color: str
    role: Role
    joined_at_ms: int


@dataclass(frozen=True, slots=True)
class Invite:
    """A key that makes whoever joins with it at least `role`."""

    room_id: str
    role: Role
    key: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of a room's document; its text is the top-level type `file:<id>`."""

    id: str
    name: str
    language: str
