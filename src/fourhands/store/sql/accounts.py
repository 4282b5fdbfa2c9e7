"""Rows of accounts, and of who they are elsewhere. Each function works inside its caller's transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, select, update

from fourhands.errors import Conflict, NotFound
from fourhands.model.account import Account, TeamRole
from fourhands.store.sql import teams as team_rows
from fourhands.store.sql.tables import account_invites, accounts, identities, logins, members, team_members

NO_ACCOUNT = "There is no such account."
NO_INVITE = "This invitation is not good any more. Ask for a new one."
TAKEN = "This login name is taken: choose another."
TAKEN_IDENTITY = "Somebody logs in that way already."

ONLY_WAY_IN = "This is the only way in to this account: set a password first."

_ACCOUNT = tuple(column for column in accounts.c if column.name != "password")


def account_of(row: Row[Any]) -> Account:
    """An `Account` from a row that has all its columns but the password."""
    return Account(id=row.id, login=row.login, name=row.name, color=row.color, admin=row.admin, created_at_ms=row.created_at_ms)


def add(connection: Connection, account: Account, password: str | None, invite: bytes | None, identity: tuple[str, str] | None) -> None:
    """Insert it, and use the invitation up."""
    if connection.execute(select(accounts.c.id).where(accounts.c.login == account.login)).one_or_none() is not None:
        raise Conflict(TAKEN)
    connection.execute(
        insert(accounts).values(
            id=account.id,
            login=account.login,
            name=account.name,
            color=account.color,
            admin=account.admin,
            created_at_ms=account.created_at_ms,
            password=password,
        )
    )
    if invite is not None:
        good = (account_invites.c.digest == invite, account_invites.c.used_by.is_(None), account_invites.c.expires_at_ms > account.created_at_ms)
        if not connection.execute(update(account_invites).where(*good).values(used_by=account.id)).rowcount:
            raise NotFound(NO_INVITE)
    if identity is not None:
        link(connection, account.id, *identity)


def find(connection: Connection, account_id: str) -> Account | None:
    """The account."""
    row = connection.execute(select(*_ACCOUNT).where(accounts.c.id == account_id)).one_or_none()
    return None if row is None else account_of(row)


def named(connection: Connection, login: str) -> tuple[Account, str | None] | None:
    """The account that logs in by that name, and its password's hash."""
    row = connection.execute(select(accounts).where(accounts.c.login == login)).one_or_none()
    return None if row is None else (account_of(row), row.password)


def password(connection: Connection, account_id: str) -> str | None:
    """Its password's hash."""
    return connection.execute(select(accounts.c.password).where(accounts.c.id == account_id)).scalar_one_or_none()


def change(connection: Connection, account_id: str, values: Mapping[str, object]) -> Account:
    """Change the columns that are given. Raises `NotFound`."""
    if values:
        connection.execute(update(accounts).where(accounts.c.id == account_id).values(**values))
    account = find(connection, account_id)
    if account is None:
        raise NotFound(NO_ACCOUNT)
    return account


def set_password(connection: Connection, account_id: str, hashed: str, keep_login: str | None) -> None:
    """Put it in place, and end all other logins. Raises `NotFound`."""
    change(connection, account_id, {"password": hashed})
    others = [logins.c.account_id == account_id] if keep_login is None else [logins.c.account_id == account_id, logins.c.id != keep_login]
    connection.execute(delete(logins).where(*others))


def rehash(connection: Connection, account_id: str, before: str, after: str) -> None:
    """Put another hash of the same password in place."""
    connection.execute(update(accounts).where(accounts.c.id == account_id, accounts.c.password == before).values(password=after))


def remove(connection: Connection, account_id: str) -> None:
    """Delete it with what is its own. Raises `Conflict` while a team would be left without an owner."""
    own = select(team_members.c.team_id).where(team_members.c.account_id == account_id, team_members.c.role == TeamRole.OWNER.value)
    other = team_members.alias()
    alone = own.where(
        ~exists().where(other.c.team_id == team_members.c.team_id, other.c.account_id != account_id, other.c.role == TeamRole.OWNER.value),
        exists().where(other.c.team_id == team_members.c.team_id, other.c.account_id != account_id),
    )
    if connection.execute(alone.limit(1)).one_or_none() is not None:
        raise Conflict("You are the only owner of a team that others are in: make somebody else an owner, or delete the team first.")
    for team_id in connection.execute(select(team_members.c.team_id).where(team_members.c.account_id == account_id)).scalars().all():
        team_rows.remove_member(connection, team_id, account_id)
    connection.execute(update(members).where(members.c.account_id == account_id).values(account_id=None, archived_at_ms=None))
    connection.execute(delete(accounts).where(accounts.c.id == account_id))


def identified(connection: Connection, issuer: str, subject: str) -> Account | None:
    """Whose account somebody known elsewhere is."""
    there = select(*_ACCOUNT).join(identities, identities.c.account_id == accounts.c.id).where(identities.c.issuer == issuer, identities.c.subject == subject)
    row = connection.execute(there).one_or_none()
    return None if row is None else account_of(row)


def link(connection: Connection, account_id: str, issuer: str, subject: str) -> None:
    """Let somebody known elsewhere log in to that account. Raises `Conflict` and `NotFound`."""
    there = identified(connection, issuer, subject)
    if there is not None and there.id != account_id:
        raise Conflict(TAKEN_IDENTITY)
    if find(connection, account_id) is None:
        raise NotFound(NO_ACCOUNT)
    if there is None:
        connection.execute(insert(identities).values(issuer=issuer, subject=subject, account_id=account_id))


def identities_of(connection: Connection, account_id: str) -> Sequence[tuple[str, str]]:
    """Who may log in to it, by issuer and subject."""
    found = select(identities.c.issuer, identities.c.subject).where(identities.c.account_id == account_id).order_by(identities.c.issuer, identities.c.subject)
    return [(row.issuer, row.subject) for row in connection.execute(found)]


def unlink(connection: Connection, account_id: str, issuer: str, subject: str) -> None:
    """Delete one of them. Raises `NotFound`, and `Conflict` for the last way in; the account's row is locked, so that no two go at once."""
    row = connection.execute(select(accounts.c.password).where(accounts.c.id == account_id).with_for_update()).one_or_none()
    there = identities_of(connection, account_id)
    if row is None or (issuer, subject) not in there:
        raise NotFound("Nobody logs in to this account by that.")
    if row.password is None and len(there) == 1:
        raise Conflict(ONLY_WAY_IN)
    connection.execute(delete(identities).where(identities.c.issuer == issuer, identities.c.subject == subject))
