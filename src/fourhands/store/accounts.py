"""The port to what is kept of accounts and teams. Adapters pass `tests/contracts/test_accounts.py`.

Every method may raise `errors.Unavailable(dependency="database")`, as the methods of `store.port.Store` do. Times are
milliseconds since the epoch, digests SHA-256.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from fourhands.model.account import Account, AccountInvite, Login, OwnRoom, OwnTeam, PersonalToken, Team, TeamInvitation, TeamMember, TeamRole


@dataclass(frozen=True, slots=True)
class Rotation:
    """What became of a refresh token. "fresh": `login` has a new generation; "again": the one before the newest came a moment after it,
    so the newest is given again; "reused": an older one came, and the family was ended; "gone": there is no such login any more."""

    outcome: Literal["fresh", "again", "reused", "gone"]
    login: Login | None


class AccountStore(Protocol):
    async def add(
        self,
        account: Account,
        password: str | None,
        *,
        invite: bytes | None = None,
        identity: tuple[str, str] | None = None,
    ) -> None:
        """Write a new account in one transaction, with what else is given.

        `password`: its hash. `invite`: digest of the invitation that it is made by, used up with it. `identity`: issuer and subject.
        Raises `Conflict` if the login name or the identity is taken, `NotFound` if the invitation is not good (any more).
        """
        ...

    async def account(self, account_id: str) -> Account | None: ...

    async def named(self, login: str) -> tuple[Account, str | None] | None:
        """The account that logs in by this name, and its password's hash."""
        ...

    async def password(self, account_id: str) -> str | None:
        """Its password's hash; None if it has none, or there is no such account."""
        ...

    async def change(self, account_id: str, *, name: str | None = None, color: str | None = None, admin: bool | None = None) -> Account:
        """Change what is given. Raises `NotFound`."""
        ...

    async def set_password(self, account_id: str, password: str, *, keep_login: str | None) -> None:
        """Put the hash in place and end all logins but that one, in one transaction. Raises `NotFound`."""
        ...

    async def rehash(self, account_id: str, before: str, after: str) -> None:
        """Put another hash of the same password in place, if it is still that one."""
        ...

    async def delete(self, account_id: str) -> None:
        """Remove the account, its logins, tokens, identities and places in teams; its members in rooms become nobody's account.

        Teams that nobody else is in go with it, and their rooms become no team's. Raises `Conflict` while it is the only owner of a team
        that others are in.
        """
        ...

    async def identified(self, issuer: str, subject: str) -> Account | None:
        """Whose account somebody known elsewhere is."""
        ...

    async def link(self, account_id: str, issuer: str, subject: str) -> None:
        """Let somebody known elsewhere log in to that account. Raises `Conflict` if they have another, `NotFound` without such an account."""
        ...

    async def identities(self, account_id: str) -> Sequence[tuple[str, str]]:
        """Issuer and subject of who may log in to it, in order."""
        ...

    async def unlink(self, account_id: str, issuer: str, subject: str) -> None:
        """Let them log in no more. Raises `NotFound` if they do not, `Conflict` if nobody could log in to the account any more."""
        ...

    async def add_login(self, login: Login) -> None:
        """Raises `NotFound` without such an account."""
        ...

    async def login(self, login_id: str) -> tuple[Login, Account] | None:
        """Where somebody is logged in, whether or not it has expired, and as whom."""
        ...

    async def rotate(self, login_id: str, generation: int, now_ms: int, *, grace_ms: int, valid_ms: int) -> Rotation:
        """Take the refresh token of that generation, in one transaction; from then on the login is valid for `valid_ms`."""
        ...

    async def end_login(self, login_id: str) -> None: ...

    async def end_logins(self, account_id: str) -> None:
        """End all of the account's."""
        ...

    async def forget_logins(self, before_ms: int, limit: int) -> int:
        """Delete at most so many that expired before that time, and invitations as well; how many."""
        ...

    async def add_token(self, token: PersonalToken, digest: bytes, *, most: int) -> None:
        """Raises `Conflict` if the account has `most` already, `NotFound` without such an account."""
        ...

    async def tokens(self, account_id: str) -> Sequence[PersonalToken]:
        """Oldest first."""
        ...

    async def token(self, digest: bytes) -> tuple[PersonalToken, Account] | None:
        """Whose token has that digest, whether or not it has expired."""
        ...

    async def use_token(self, token_id: str, at_ms: int) -> None:
        """Note its use; no time goes back."""
        ...

    async def remove_token(self, account_id: str, token_id: str) -> None:
        """Raises `NotFound` if the account has no such token."""
        ...

    async def add_invite(self, invite: AccountInvite, digest: bytes) -> None: ...

    async def invites(self, limit: int) -> Sequence[AccountInvite]:
        """The newest, latest first; used ones too."""
        ...

    async def good_invite(self, digest: bytes, now_ms: int) -> bool:
        """Whether somebody may register with it now."""
        ...

    async def remove_invite(self, invite_id: str) -> None:
        """Raises `NotFound`."""
        ...

    async def member_in(self, account_id: str, room_id: str) -> str | None:
        """The id of the account's member in that room."""
        ...

    async def adopt(self, room_id: str, member_id: str, account_id: str) -> None:
        """Let a member that is no account's be that account's. Raises `Conflict` if it is another's, or the account has a member there; `NotFound`."""
        ...

    async def rooms(self, account_id: str, *, archived: bool, team_id: str | None, before: tuple[int, str] | None, limit: int) -> Sequence[OwnRoom]:
        """The next `limit` rooms that the account is a member of or that are its teams' (of that team alone, if one is given), by last use, the latest first,
        behind the mark `before`. Ended ones and those that a host removed it from are not in it. `archived`: those that it put aside, instead of the others.
        """
        ...

    async def archive(self, account_id: str, room_id: str, at_ms: int | None) -> None:
        """Put the room aside in the account's list; None: take it back. Raises `NotFound` if the account is no member of it."""
        ...

    async def leave(self, account_id: str, room_id: str) -> None:
        """Let the account's member of the room be nobody's account. Raises `NotFound`."""
        ...

    async def add_team(self, team: Team, owner_id: str, *, most: int) -> None:
        """Raises `Conflict` if the account is in `most` teams already, `NotFound` without such an account."""
        ...

    async def teams(self, account_id: str) -> Sequence[OwnTeam]:
        """Those that the account is in, by name."""
        ...

    async def team(self, team_id: str) -> tuple[Team, Sequence[TeamMember]] | None:
        """The team and who is in it, in the order of joining."""
        ...

    async def rename_team(self, team_id: str, name: str) -> None:
        """Raises `NotFound`."""
        ...

    async def remove_team(self, team_id: str) -> None:
        """Its rooms stay, and become no team's. Nothing happens if it is not there."""
        ...

    async def put_team_member(self, team_id: str, account_id: str, role: TeamRole, at_ms: int, *, most: int) -> None:
        """Add, or give another role. Raises `Conflict` if the team would have no owner any more, or has `most` people; `NotFound`."""
        ...

    async def invite_to_team(self, team_id: str, login: str, role: TeamRole, at_ms: int, *, by: str, most: int) -> str | None:
        """Ask the account of that login name into the team; asked again, it is asked for the newest role. Its id; None: nobody was asked, as there is no such
        account, it is in the team, or `most` ask it already. The work is the same either way. Raises `NotFound` without the team.
        """
        ...

    async def take_back_invitation(self, team_id: str, login: str) -> None:
        """Nothing happens if nobody is asked."""
        ...

    async def team_invitations(self, account_id: str) -> Sequence[TeamInvitation]:
        """By whom the account is asked, the newest first."""
        ...

    async def answer_team(self, team_id: str, account_id: str, at_ms: int, *, yes: bool, most_people: int, most_teams: int) -> TeamRole:
        """The account comes in, or does not; the invitation is gone. What it was asked for. Raises `NotFound` if it was not asked, `Conflict` if the team has
        `most_people`, or the account is in `most_teams`; it stays asked then.
        """
        ...

    async def remove_team_member(self, team_id: str, account_id: str) -> None:
        """Raises `Conflict` if it is the only owner and others are left, `NotFound` if it is not in the team. The last one to go takes the team along."""
        ...

    async def team_role(self, team_id: str, account_id: str) -> TeamRole | None:
        """What the account is in the team; None: it is not in it, or there is none."""
        ...

    async def team_role_in(self, room_id: str, account_id: str) -> TeamRole | None:
        """What the account is in the team that the room is of; None: it is not in it, or the room is no team's."""
        ...

    async def give_to_team(self, room_id: str, team_id: str | None) -> None:
        """Raises `NotFound` without such a room or team, and for a room that has ended."""
        ...
