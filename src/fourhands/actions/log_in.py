"""Log in with a name and a password; begin a login for somebody whose identity is certain."""

from dataclasses import dataclass

import structlog

from fourhands.access.account_tokens import AccountClaims
from fourhands.access.identity import Identity
from fourhands.actions.place import Place
from fourhands.errors import Forbidden, Unauthenticated
from fourhands.model.account import Account, Login
from fourhands.model.addresses import client_of
from fourhands.model.audit import Who
from fourhands.model.ids import new_member_id

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.accounts")

WRONG = "This name and password do not belong together."
NO_ACCOUNTS = "There are no accounts here."
NAME_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A login's newest tokens. `access_seconds`, `login_seconds`: how long each of them is valid from now."""

    account: Account
    access: str
    refresh: str
    access_seconds: float
    login_seconds: float


async def log_in(place: Place, *, login: str, password: str, address: str, before: Identity | None = None) -> LoggedIn:
    """`before`: whoever this browser is logged in as already: that login ends. The same is done, and said, whether or not there is such an account.

    Raises `Unauthenticated`, `Forbidden` for who is banned or where there are no accounts, `LimitExceeded`.
    """
    if place.accounts.rules.mode == "off":
        raise Forbidden(NO_ACCOUNTS)
    place.bans.require(address=address)
    name = login.strip().lower()[:NAME_CHARACTERS]
    client = client_of(address)
    await place.rates.require("login", f"{name} {client}")
    account, hashed = await place.store.accounts.named(name) or (None, None)
    async with place.rates.guessing("wrong_login", client):
        if not await place.accounts.hashing.matches(hashed, password, client) or account is None:
            known = "" if account is None else name  # a name of nobody's may be a password
            await place.audit.note("account.login_failed", Who("stranger", address=address), on=known)
            raise Unauthenticated(WRONG)
    place.bans.require(account_id=account.id)
    if hashed is not None and place.accounts.hashing.is_outdated(hashed):
        await place.store.accounts.rehash(account.id, hashed, await place.accounts.hashing.hash(password, client))
    return await begin_login(place, account, address, before=before, way="password")


async def begin_login(place: Place, account: Account, address: str, *, before: Identity | None, way: str) -> LoggedIn:
    """A new login with tokens of its own: what was in the browser before is never taken on."""
    now_ms = place.clock.now_ms()
    expires_at_ms = now_ms + int(place.accounts.rules.login_seconds * 1000)
    login = Login(new_member_id(), account.id, 1, now_ms, now_ms, expires_at_ms)
    await place.store.accounts.add_login(login)
    if before is not None and before.login_id is not None and before.account_id is not None:
        await place.store.accounts.end_login(before.login_id)
        place.accounts.known.forget(before.account_id)
    await place.audit.note("account.login", Who("account", account.id, account.login, address), detail={"way": way})
    return tokens_of(place, login, account)


def tokens_of(place: Place, login: Login, account: Account) -> LoggedIn:
    """The tokens of the login's newest generation."""
    now_ms, rules = place.clock.now_ms(), place.accounts.rules
    access_ends_ms = min(now_ms + int(rules.access_seconds * 1000), login.expires_at_ms)
    return LoggedIn(
        account,
        place.accounts.tokens.access(AccountClaims(account.id, login.id, login.generation, access_ends_ms), now_ms),
        place.accounts.tokens.refresh(AccountClaims(account.id, login.id, login.generation, login.expires_at_ms), now_ms),
        (access_ends_ms - now_ms) / 1000,
        (login.expires_at_ms - now_ms) / 1000,
    )
