"""Rows of logins, personal tokens and invitations. Each function works inside its caller's transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from fourhands.errors import Conflict, NotFound
from fourhands.model.account import Account, AccountInvite, Login, PersonalToken, Scope
from fourhands.store.accounts import Rotation
from fourhands.store.sql.accounts import NO_ACCOUNT, account_of
from fourhands.store.sql.accounts import find as find_account
from fourhands.store.sql.tables import account_invites, accounts, logins, personal_tokens

_LOGIN = tuple(logins.c)
_ACCOUNT = tuple(column for column in accounts.c if column.name != "password")


def _login(row: Row[Any]) -> Login:
    return Login(row.id, row.account_id, row.generation, row.created_at_ms, row.rotated_at_ms, row.expires_at_ms)


def add(connection: Connection, login: Login) -> None:
    """Insert it. Raises `NotFound` without the account."""
    if find_account(connection, login.account_id) is None:
        raise NotFound(NO_ACCOUNT)
    connection.execute(
        insert(logins).values(
            id=login.id,
            account_id=login.account_id,
            generation=login.generation,
            created_at_ms=login.created_at_ms,
            rotated_at_ms=login.rotated_at_ms,
            expires_at_ms=login.expires_at_ms,
        )
    )


def find(connection: Connection, login_id: str) -> tuple[Login, Account] | None:
    """The login, and whose it is."""
    row = connection.execute(select(*_LOGIN).where(logins.c.id == login_id)).one_or_none()
    if row is None:
        return None
    account = find_account(connection, row.account_id)
    return None if account is None else (_login(row), account)


def rotate(connection: Connection, login_id: str, generation: int, now_ms: int, *, grace_ms: int, valid_ms: int) -> Rotation:
    """Take the refresh token of that generation."""
    row = connection.execute(select(*_LOGIN).where(logins.c.id == login_id).with_for_update()).one_or_none()
    if row is None or row.expires_at_ms <= now_ms:
        return Rotation("gone", None)
    if generation == row.generation - 1 and now_ms - row.rotated_at_ms <= grace_ms:
        return Rotation("again", _login(row))
    if generation != row.generation:
        end(connection, login_id)
        return Rotation("reused", _login(row))
    values = {"generation": generation + 1, "rotated_at_ms": now_ms, "expires_at_ms": now_ms + valid_ms}
    fresh = connection.execute(update(logins).where(logins.c.id == login_id).values(**values).returning(*_LOGIN)).one()
    return Rotation("fresh", _login(fresh))


def end(connection: Connection, login_id: str) -> None:
    """Delete it."""
    connection.execute(delete(logins).where(logins.c.id == login_id))


def end_all(connection: Connection, account_id: str) -> None:
    """Delete all of the account's."""
    connection.execute(delete(logins).where(logins.c.account_id == account_id))


def forget(connection: Connection, before_ms: int, limit: int) -> int:
    """Delete some that have expired, and invitations."""
    count = 0
    for table in (logins, account_invites):
        due = select(table.c.id).where(table.c.expires_at_ms < before_ms).limit(limit)
        count += connection.execute(delete(table).where(table.c.id.in_(due))).rowcount
    return count


def _token(row: Row[Any]) -> PersonalToken:
    scopes = frozenset(Scope(word) for word in row.scopes.split())
    return PersonalToken(row.token_id, row.account_id, row.token_name, scopes, row.token_created_at_ms, row.expires_at_ms, row.used_at_ms)


_TOKEN: tuple[ColumnElement[Any], ...] = (
    personal_tokens.c.id.label("token_id"),
    personal_tokens.c.account_id,
    personal_tokens.c.name.label("token_name"),
    personal_tokens.c.scopes,
    personal_tokens.c.created_at_ms.label("token_created_at_ms"),
    personal_tokens.c.expires_at_ms,
    personal_tokens.c.used_at_ms,
)


def add_token(connection: Connection, token: PersonalToken, digest: bytes, most: int) -> None:
    """Insert it. Raises `Conflict` past `most`, `NotFound` without the account."""
    if find_account(connection, token.account_id) is None:
        raise NotFound(NO_ACCOUNT)
    there = select(func.count()).select_from(personal_tokens).where(personal_tokens.c.account_id == token.account_id)
    if connection.execute(there).scalar_one() >= most:
        raise Conflict(f"An account may have {most} tokens: revoke one that is not used any more.")
    connection.execute(
        insert(personal_tokens).values(
            id=token.id,
            account_id=token.account_id,
            name=token.name,
            digest=digest,
            scopes=" ".join(sorted(token.scopes)),
            created_at_ms=token.created_at_ms,
            expires_at_ms=token.expires_at_ms,
            used_at_ms=token.used_at_ms,
        )
    )


def tokens(connection: Connection, account_id: str) -> Sequence[PersonalToken]:
    """The account's, oldest first."""
    of_account = select(*_TOKEN).where(personal_tokens.c.account_id == account_id)
    return [_token(row) for row in connection.execute(of_account.order_by(personal_tokens.c.created_at_ms, personal_tokens.c.id))]


def token(connection: Connection, digest: bytes) -> tuple[PersonalToken, Account] | None:
    """Whose token has that digest."""
    statement = select(*_TOKEN, *_ACCOUNT).join(accounts, accounts.c.id == personal_tokens.c.account_id).where(personal_tokens.c.digest == digest)
    row = connection.execute(statement).one_or_none()
    return None if row is None else (_token(row), account_of(row))


def use_token(connection: Connection, token_id: str, at_ms: int) -> None:
    """Note its use."""
    earlier = or_(personal_tokens.c.used_at_ms.is_(None), personal_tokens.c.used_at_ms < at_ms)
    connection.execute(update(personal_tokens).where(personal_tokens.c.id == token_id, earlier).values(used_at_ms=at_ms))


def remove_token(connection: Connection, account_id: str, token_id: str) -> None:
    """Delete it. Raises `NotFound`."""
    its_own = (personal_tokens.c.id == token_id, personal_tokens.c.account_id == account_id)
    if not connection.execute(delete(personal_tokens).where(*its_own)).rowcount:
        raise NotFound("There is no such token.")


def add_invite(connection: Connection, invite: AccountInvite, digest: bytes) -> None:
    """Insert it."""
    values = {"id": invite.id, "digest": digest, "by": invite.by, "created_at_ms": invite.created_at_ms, "expires_at_ms": invite.expires_at_ms}
    connection.execute(insert(account_invites).values(**values))


def invites(connection: Connection, limit: int) -> Sequence[AccountInvite]:
    """The newest ones."""
    newest = select(account_invites).order_by(account_invites.c.created_at_ms.desc(), account_invites.c.id).limit(limit)
    return [AccountInvite(row.id, row.by, row.created_at_ms, row.expires_at_ms, row.used_by) for row in connection.execute(newest)]


def good_invite(connection: Connection, digest: bytes, now_ms: int) -> bool:
    """Whether it is unused and in time."""
    good = (account_invites.c.digest == digest, account_invites.c.used_by.is_(None), account_invites.c.expires_at_ms > now_ms)
    return connection.execute(select(account_invites.c.id).where(*good)).one_or_none() is not None


def remove_invite(connection: Connection, invite_id: str) -> None:
    """Delete it. Raises `NotFound`."""
    if not connection.execute(delete(account_invites).where(account_invites.c.id == invite_id)).rowcount:
        raise NotFound("There is no such invitation.")
