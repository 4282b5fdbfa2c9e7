"""Accounts and what belongs to them, as they are stored; none of it holds a password or a token."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Scope(StrEnum):
    """What a personal token is good for. A login is good for everything."""

    ROOMS_READ = "rooms:read"
    ROOMS_WRITE = "rooms:write"
    RUNS = "runs"
    PISTON = "piston"
    TEAMS = "teams"
    ADMIN = "admin"


class TeamRole(StrEnum):
    MEMBER = "member"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody with an account. `login`: the name they log in with, in lower case; `name`: what others see. `color` is `#rrggbb`."""

    id: str
    login: str
    name: str
    color: str
    admin: bool
    created_at_ms: int


@dataclass(frozen=True, slots=True)
class Login:
    """A place where somebody is logged in: a family of refresh tokens, of which number `generation` is the newest.

    Times are milliseconds since the epoch. It ends at `expires_at_ms` unless it is used before.
    """

    id: str
    account_id: str
    generation: int
    created_at_ms: int
    rotated_at_ms: int
    expires_at_ms: int


@dataclass(frozen=True, slots=True)
class PersonalToken:
    """A token for programs, without the token. `used_at_ms`: the last use, to a minute; None: never used, or it does not expire."""

    id: str
    account_id: str
    name: str
    scopes: frozenset[Scope]
    created_at_ms: int
    expires_at_ms: int | None
    used_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class AccountInvite:
    """Lets one person register. `by`: the account that made it; None: the operator at the server. `used_by`: who came by it."""

    id: str
    by: str | None
    created_at_ms: int
    expires_at_ms: int
    used_by: str | None = None


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    name: str
    created_at_ms: int


@dataclass(frozen=True, slots=True)
class OwnTeam:
    """A team as one of it sees it in a list. `role`: theirs. `people`, `rooms`: how many."""

    team: Team
    role: TeamRole
    people: int
    rooms: int


@dataclass(frozen=True, slots=True)
class TeamInvitation:
    """An account is asked into a team, as `role`; `by`: the name of the owner who asked, as it was then."""

    team_id: str
    team_name: str
    role: TeamRole
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class TeamMember:
    """`login`, `name` and `color` are the account's."""

    account_id: str
    login: str
    name: str
    color: str
    role: TeamRole
    joined_at_ms: int


@dataclass(frozen=True, slots=True)
class OwnRoom:
    """A room in somebody's list. `role`: theirs in the room, None where it is theirs only as their team's.

    `people`: how many have joined it. `mark`: where it stands in the list, for the next page.
    """

    id: str
    title: str
    language: str
    ephemeral: bool
    role: str | None
    team_id: str | None
    team: str | None
    people: int
    created_at_ms: int
    last_used_at_ms: int
    archived_at_ms: int | None

    @property
    def mark(self) -> tuple[int, str]:
        """Rooms are listed by last use, the latest first, then by id."""
        return self.last_used_at_ms, self.id


@dataclass(frozen=True, slots=True)
class AccountRules:
    """What holds for accounts, as `app` takes it from the settings (described in `settings.py`). Times in seconds.

    `mode`: who may register. `rooms_by`: who may open rooms.
    """

    mode: Literal["open", "invite", "off"] = "open"
    rooms_by: Literal["anyone", "accounts"] = "anyone"
    access_seconds: float = 900
    login_seconds: float = 30 * 86_400
    grace_seconds: float = 10
    invite_seconds: float = 7 * 86_400
    password_characters: int = 10
    tokens_each: int = 50
    teams_each: int = 50
    people_per_team: int = 200
    rooms_searched: int = 1000
