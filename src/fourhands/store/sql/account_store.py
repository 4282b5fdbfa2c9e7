"""`SqlAccounts`: the port to accounts and teams on a SQL database. The statements stand in accounts, logins, teams and own_rooms."""

from collections.abc import Sequence
from functools import partial

from fourhands.model.account import Account, AccountInvite, Login, OwnRoom, OwnTeam, PersonalToken, Team, TeamInvitation, TeamMember, TeamRole
from fourhands.store.accounts import Rotation
from fourhands.store.sealing import Sealer
from fourhands.store.sql import accounts, logins, own_rooms, team_invitations, teams
from fourhands.store.sql.transactions import Transactions


class SqlAccounts:
    """Implements `store.accounts.AccountStore`, where every method is described."""

    def __init__(self, database: Transactions, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def add(self, account: Account, password: str | None, *, invite: bytes | None = None, identity: tuple[str, str] | None = None) -> None:
        await self._database.write(lambda connection: accounts.add(connection, account, password, invite, identity), clash=accounts.TAKEN)

    async def account(self, account_id: str) -> Account | None:
        return await self._database.read(lambda connection: accounts.find(connection, account_id))

    async def named(self, login: str) -> tuple[Account, str | None] | None:
        return await self._database.read(lambda connection: accounts.named(connection, login))

    async def password(self, account_id: str) -> str | None:
        return await self._database.read(lambda connection: accounts.password(connection, account_id))

    async def change(self, account_id: str, *, name: str | None = None, color: str | None = None, admin: bool | None = None) -> Account:
        values = {column: value for column, value in {"name": name, "color": color, "admin": admin}.items() if value is not None}
        return await self._database.write(lambda connection: accounts.change(connection, account_id, values))

    async def set_password(self, account_id: str, password: str, *, keep_login: str | None) -> None:
        await self._database.write(lambda connection: accounts.set_password(connection, account_id, password, keep_login))

    async def rehash(self, account_id: str, before: str, after: str) -> None:
        await self._database.write(lambda connection: accounts.rehash(connection, account_id, before, after))

    async def delete(self, account_id: str) -> None:
        await self._database.write(lambda connection: accounts.remove(connection, account_id))

    async def identified(self, issuer: str, subject: str) -> Account | None:
        return await self._database.read(lambda connection: accounts.identified(connection, issuer, subject))

    async def link(self, account_id: str, issuer: str, subject: str) -> None:
        await self._database.write(lambda connection: accounts.link(connection, account_id, issuer, subject), clash=accounts.TAKEN_IDENTITY)

    async def identities(self, account_id: str) -> Sequence[tuple[str, str]]:
        return await self._database.read(lambda connection: accounts.identities_of(connection, account_id))

    async def unlink(self, account_id: str, issuer: str, subject: str) -> None:
        await self._database.write(lambda connection: accounts.unlink(connection, account_id, issuer, subject))

    async def add_login(self, login: Login) -> None:
        await self._database.write(lambda connection: logins.add(connection, login))

    async def login(self, login_id: str) -> tuple[Login, Account] | None:
        return await self._database.read(lambda connection: logins.find(connection, login_id))

    async def rotate(self, login_id: str, generation: int, now_ms: int, *, grace_ms: int, valid_ms: int) -> Rotation:
        work = partial(logins.rotate, login_id=login_id, generation=generation, now_ms=now_ms, grace_ms=grace_ms, valid_ms=valid_ms)
        return await self._database.write(work)

    async def end_login(self, login_id: str) -> None:
        await self._database.write(lambda connection: logins.end(connection, login_id))

    async def end_logins(self, account_id: str) -> None:
        await self._database.write(lambda connection: logins.end_all(connection, account_id))

    async def forget_logins(self, before_ms: int, limit: int) -> int:
        return await self._database.write(partial(logins.forget, before_ms=before_ms, limit=limit))

    async def add_token(self, token: PersonalToken, digest: bytes, *, most: int) -> None:
        await self._database.write(lambda connection: logins.add_token(connection, token, digest, most))

    async def tokens(self, account_id: str) -> Sequence[PersonalToken]:
        return await self._database.read(lambda connection: logins.tokens(connection, account_id))

    async def token(self, digest: bytes) -> tuple[PersonalToken, Account] | None:
        return await self._database.read(lambda connection: logins.token(connection, digest))

    async def use_token(self, token_id: str, at_ms: int) -> None:
        await self._database.write(lambda connection: logins.use_token(connection, token_id, at_ms))

    async def remove_token(self, account_id: str, token_id: str) -> None:
        await self._database.write(lambda connection: logins.remove_token(connection, account_id, token_id))

    async def add_invite(self, invite: AccountInvite, digest: bytes) -> None:
        await self._database.write(lambda connection: logins.add_invite(connection, invite, digest))

    async def invites(self, limit: int) -> Sequence[AccountInvite]:
        return await self._database.read(lambda connection: logins.invites(connection, limit))

    async def good_invite(self, digest: bytes, now_ms: int) -> bool:
        return await self._database.read(lambda connection: logins.good_invite(connection, digest, now_ms))

    async def remove_invite(self, invite_id: str) -> None:
        await self._database.write(lambda connection: logins.remove_invite(connection, invite_id))

    async def member_in(self, account_id: str, room_id: str) -> str | None:
        return await self._database.read(lambda connection: own_rooms.member_in(connection, account_id, room_id))

    async def adopt(self, room_id: str, member_id: str, account_id: str) -> None:
        await self._database.write(lambda connection: own_rooms.adopt(connection, room_id, member_id, account_id))

    async def rooms(self, account_id: str, *, archived: bool, team_id: str | None, before: tuple[int, str] | None, limit: int) -> Sequence[OwnRoom]:
        wanted = partial(own_rooms.page, sealer=self._sealer, account_id=account_id, archived=archived, team_id=team_id, before=before, limit=limit)
        return await self._database.read(wanted)

    async def archive(self, account_id: str, room_id: str, at_ms: int | None) -> None:
        await self._database.write(lambda connection: own_rooms.archive(connection, account_id, room_id, at_ms))

    async def leave(self, account_id: str, room_id: str) -> None:
        await self._database.write(lambda connection: own_rooms.leave(connection, account_id, room_id))

    async def add_team(self, team: Team, owner_id: str, *, most: int) -> None:
        await self._database.write(lambda connection: teams.add(connection, team, owner_id, most))

    async def teams(self, account_id: str) -> Sequence[OwnTeam]:
        return await self._database.read(lambda connection: teams.all_of(connection, account_id))

    async def team(self, team_id: str) -> tuple[Team, Sequence[TeamMember]] | None:
        return await self._database.read(lambda connection: teams.find(connection, team_id))

    async def rename_team(self, team_id: str, name: str) -> None:
        await self._database.write(lambda connection: teams.rename(connection, team_id, name))

    async def remove_team(self, team_id: str) -> None:
        await self._database.write(lambda connection: teams.remove(connection, team_id))

    async def put_team_member(self, team_id: str, account_id: str, role: TeamRole, at_ms: int, *, most: int) -> None:
        await self._database.write(lambda connection: teams.put_member(connection, team_id, account_id, role, at_ms=at_ms, most=most))

    async def invite_to_team(self, team_id: str, login: str, role: TeamRole, at_ms: int, *, by: str, most: int) -> str | None:
        return await self._database.write(lambda connection: team_invitations.add(connection, team_id, login, role, at_ms=at_ms, by=by, most=most))

    async def take_back_invitation(self, team_id: str, login: str) -> None:
        await self._database.write(lambda connection: team_invitations.take_back(connection, team_id, login))

    async def team_invitations(self, account_id: str) -> Sequence[TeamInvitation]:
        return await self._database.read(lambda connection: team_invitations.all_of(connection, account_id))

    async def answer_team(self, team_id: str, account_id: str, at_ms: int, *, yes: bool, most_people: int, most_teams: int) -> TeamRole:
        most = (most_people, most_teams)
        return await self._database.write(lambda connection: team_invitations.answer(connection, team_id, account_id, at_ms, yes=yes, most=most))

    async def remove_team_member(self, team_id: str, account_id: str) -> None:
        await self._database.write(lambda connection: teams.remove_member(connection, team_id, account_id))

    async def team_role(self, team_id: str, account_id: str) -> TeamRole | None:
        return await self._database.read(lambda connection: teams.role(connection, team_id, account_id))

    async def team_role_in(self, room_id: str, account_id: str) -> TeamRole | None:
        return await self._database.read(lambda connection: teams.role_in(connection, room_id, account_id))

    async def give_to_team(self, room_id: str, team_id: str | None) -> None:
        await self._database.write(lambda connection: teams.give_room(connection, room_id, team_id))
