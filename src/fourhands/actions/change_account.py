"""Change one's own account: what others see, the password; delete it."""

import hashlib

from fourhands.access.identity import Identity, require_account
from fourhands.access.passwords import require_good
from fourhands.actions.hold_token import send_away
from fourhands.actions.place import Place
from fourhands.errors import Forbidden, NotFound
from fourhands.model.account import Account
from fourhands.model.addresses import client_of
from fourhands.model.audit import Who
from fourhands.model.people import clean_color, clean_name

FRESH_SECONDS = 600
WRONG_PASSWORD = "This is not your password."  # noqa: S105 - a sentence


async def change_profile(place: Place, who: Identity, *, name: str | None, color: str | None) -> Account:
    """Raises `Unauthenticated`, `Forbidden` for a personal token, `InvalidRequest`. Names in rooms stay as they are."""
    account_id = require_account(who)
    shown = None if name is None else clean_name(name, place.limits.name_characters)
    account = await place.store.accounts.change(account_id, name=shown, color=None if color is None else clean_color(color, 0))
    place.accounts.known.forget(account_id)
    return account


async def change_password(place: Place, who: Identity, *, old: str | None, new: str) -> None:
    """All other logins end; personal tokens stay. An account without a password may set one soon after it logged in.

    Raises `Unauthenticated`, `Forbidden` for a wrong old one, `InvalidRequest`, `LimitExceeded`.
    """
    account = await confirmed(place, who, old)
    require_good(new, place.accounts.rules.password_characters, not_in=(account.login, account.name))
    hashed = await place.accounts.hashing.hash(new, client_of(who.address))
    await place.store.accounts.set_password(account.id, hashed, keep_login=who.login_id)
    place.accounts.known.forget(account.id)
    await place.audit.note("account.password", Who("account", account.id, account.login, who.address))


async def delete_account(place: Place, who: Identity, *, password: str | None) -> None:
    """Its logins, tokens and places in teams go; what it wrote in rooms stays there, by a name that is no account's.

    Raises `Unauthenticated`, `Forbidden` for a wrong password, `Conflict` while a team would be left without an owner, `LimitExceeded`.
    """
    account = await confirmed(place, who, password)
    await place.store.accounts.delete(account.id)
    place.accounts.known.forget(account.id)
    send_away(place, account.id)
    await place.audit.note("account.deleted", Who("account", account.id, account.login, who.address))


async def unlink_identity(place: Place, who: Identity, identity_id: str) -> None:
    """A provider's person logs in to the account no more. Raises `Unauthenticated`, `Forbidden`, `NotFound`, `Conflict` for the only way in."""
    account_id = require_account(who)
    for issuer, subject in await place.store.accounts.identities(account_id):
        if identity_id_of(issuer, subject) == identity_id:
            await place.store.accounts.unlink(account_id, issuer, subject)
            await place.audit.note("account.unlinked", Who("account", account_id, who.name, who.address), on=issuer)
            return
    raise NotFound("Nobody logs in to this account by that.")


def identity_id_of(issuer: str, subject: str) -> str:
    """A short name for somebody's being known elsewhere, fit for an address."""
    return hashlib.sha256(f"{issuer}\0{subject}".encode()).hexdigest()[:16]


async def confirmed(place: Place, who: Identity, password: str | None) -> Account:
    """The account of somebody who has shown again that it is theirs: a login that somebody left open is not enough."""
    account_id = require_account(who)
    account = await place.store.accounts.account(account_id)
    if account is None:
        raise NotFound("There is no such account any more.")
    hashed = await place.store.accounts.password(account_id)
    if hashed is None:
        found = await place.store.accounts.login(who.login_id or "")
        if found is None or place.clock.now_ms() - found[0].created_at_ms > FRESH_SECONDS * 1000:
            raise Forbidden("Log in once more, to show that it is you.")
        return account
    await place.rates.require("login", f"{account.login} {client_of(who.address)}")
    if password is None or not await place.accounts.hashing.matches(hashed, password, client_of(who.address)):
        raise Forbidden(WRONG_PASSWORD)
    return account
