"""Log in by an OpenID Connect provider: begin, and come back with its answer. Somebody new gets an account where the operator lets them.

What the provider says of names and addresses proves nothing here: accounts are found by issuer and subject alone.
"""

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fourhands.access.account_tokens import digest_of
from fourhands.access.identity import Identity
from fourhands.access.login_attempts import Attempt, new_attempt
from fourhands.accounts.accounts import Elsewhere
from fourhands.actions.change_account import confirmed
from fourhands.actions.log_in import NO_ACCOUNTS, LoggedIn, begin_login
from fourhands.actions.place import Place
from fourhands.actions.register import BAD_INVITE, BY_INVITE, new_account
from fourhands.errors import Conflict, Forbidden, InvalidRequest, LimitExceeded, NotFound, Unauthenticated, Unavailable
from fourhands.model.account import Account
from fourhands.model.addresses import client_of
from fourhands.model.audit import Who

if TYPE_CHECKING:
    from fourhands.accounts.provider import Person

LOGIN, ACCOUNT = "/login", "/account"
CODE_CHARACTERS = 4096
NAMES_TRIED = 5


class Problem(StrEnum):
    """Why somebody comes back and is not logged in; the login page has words for each."""

    DENIED = "denied"  # they said no there
    EXPIRED = "expired"  # not begun in this browser, too long ago, or come back twice
    REFUSED = "refused"  # what the provider answered does not check
    UNAVAILABLE = "unavailable"
    INVITATION = "invitation"  # accounts are made by invitation
    FORBIDDEN = "forbidden"  # banned, or no accounts here
    TAKEN = "taken"  # they have another account here


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider's redirect brings back (RFC 6749, 4.1.2; RFC 9207)."""

    state: str = ""
    code: str = ""
    error: str = ""
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class CameBack:
    """`page`: of ours, to go on to, or to be told of the problem. `logged_in`: None where there is one, and where somebody let the provider log them in
    from now on."""

    page: str
    logged_in: LoggedIn | None = None
    problem: Problem | None = None


def elsewhere_of(place: Place, provider_id: str) -> Elsewhere:
    """Raises `NotFound` without such a provider, `Forbidden` where there are no accounts."""
    if place.accounts.rules.mode == "off":
        raise Forbidden(NO_ACCOUNTS)
    found = place.accounts.elsewhere
    if found is None or found.id != provider_id:
        raise NotFound("Nobody logs in by that provider here.")
    return found


async def begin_elsewhere(
    place: Place,
    provider_id: str,
    *,
    redirect_uri: str,
    next_page: str | None = None,
    invite: str | None = None,
    address: str = "",
    link: tuple[Identity, str | None] | None = None,
) -> tuple[str, str]:
    """The address to go to, and what the browser holds meanwhile. `link`: who wants to be logged in by it from now on, and their password.

    Raises `NotFound`, `Forbidden`, `Unavailable`, `LimitExceeded`; `Unauthenticated` for a stranger who wants to link.
    """
    elsewhere = elsewhere_of(place, provider_id)
    place.bans.require(address=address)
    await place.rates.require("join", f"elsewhere {client_of(address)}")
    account_id = None if link is None else (await confirmed(place, *link)).id
    digest = digest_of(invite) if invite else None
    if digest is not None and place.accounts.rules.mode == "invite" and not await place.store.accounts.good_invite(digest, place.clock.now_ms()):
        raise Forbidden(BAD_INVITE)
    page = next_page if account_id is None else ACCOUNT
    attempt = new_attempt(redirect_uri=redirect_uri, next_page=page, invite=digest.hex() if digest else None, account_id=account_id)
    return await elsewhere.provider.begin(attempt), elsewhere.attempts.seal(attempt, place.clock.now_ms())


async def come_back(place: Place, provider_id: str, answer: Answer, *, held: str | None, address: str, before: Identity) -> CameBack:
    """`held`: what the browser held; `before`: who it is logged in as. Everything that can go wrong is a `Problem`."""
    elsewhere = elsewhere_of(place, provider_id)
    attempt = elsewhere.attempts.open(held, answer.state, place.clock.now_ms())
    if attempt is None:  # some providers leave out `state` where somebody said no
        return CameBack(LOGIN, problem=Problem.DENIED if answer.error == "access_denied" and not answer.state else Problem.EXPIRED)
    page = LOGIN if attempt.account_id is None else ACCOUNT
    if answer.error or not answer.code or len(answer.code) > CODE_CHARACTERS:
        return CameBack(page, problem=Problem.DENIED if answer.error == "access_denied" else Problem.REFUSED)
    try:
        place.bans.require(address=address)
        person = await elsewhere.provider.finish(attempt, answer.code, answer.issuer)
        if attempt.account_id is not None:
            return await _link(place, attempt, person, before)
        account = await place.store.accounts.identified(person.issuer, person.subject) or await _register(place, attempt, person, address)
        place.bans.require(account_id=account.id)
        return CameBack(attempt.next, await begin_login(place, account, address, before=before, way=elsewhere.id))
    except Unauthenticated:
        await place.audit.note("account.login_failed", Who("stranger", address=address), on=elsewhere.id)
        return CameBack(page, problem=Problem.REFUSED)
    except (Unavailable, LimitExceeded):
        return CameBack(page, problem=Problem.UNAVAILABLE)
    except NotFound:
        return CameBack(page, problem=Problem.INVITATION)
    except Forbidden:
        return CameBack(page, problem=Problem.FORBIDDEN)


async def _link(place: Place, attempt: Attempt, person: "Person", before: Identity) -> CameBack:
    """Only for whoever asked for it, and is still logged in as that."""
    if before.account_id is None or before.account_id != attempt.account_id or before.login_id is None:
        return CameBack(attempt.next, problem=Problem.EXPIRED)
    try:
        await place.store.accounts.link(before.account_id, person.issuer, person.subject)
    except Conflict:
        return CameBack(attempt.next, problem=Problem.TAKEN)
    await place.audit.note("account.linked", Who("account", before.account_id, before.name, before.address), on=person.issuer)
    return CameBack(attempt.next)


async def _register(place: Place, attempt: Attempt, person: "Person", address: str) -> Account:
    """An account for somebody new. Raises `NotFound` where it takes an invitation, and there is no good one."""
    used = bytes.fromhex(attempt.invite) if attempt.invite and place.accounts.rules.mode == "invite" else None
    if place.accounts.rules.mode == "invite" and used is None:
        raise NotFound(BY_INVITE)
    identity = (person.issuer, person.subject)
    for login in names_for(person):
        account = _account(place, login, person.name or login)
        try:
            await place.store.accounts.add(account, None, invite=used, identity=identity)
        except Conflict:
            if (known := await place.store.accounts.identified(*identity)) is not None:
                return known  # another of their tabs was first
            continue  # the name is somebody else's
        await place.audit.note("account.registered", Who("account", account.id, account.login, address), detail={"invited": used is not None, "way": "oidc"})
        return account
    raise Unavailable("No free login name was found. Try again.", "login names")  # of 2**32


def _account(place: Place, login: str, name: str) -> Account:
    try:
        return new_account(place, login=login, name=name[: place.limits.name_characters], color=None)
    except InvalidRequest:
        return new_account(place, login=login, name=login[: place.limits.name_characters], color=None)


def names_for(person: "Person") -> list[str]:
    """Login names to try: what they are called there, and then with a number that is likely to be free."""
    plain = re.sub(r"[^a-z0-9._-]+", ".", (person.login.partition("@")[0] or person.name).lower()).strip("._-")[:40]
    name = plain if len(plain) > 1 else "person"
    return [name, *(f"{name}-{secrets.randbelow(9000) + 1000}" for _ in range(NAMES_TRIED)), f"{name}-{secrets.token_hex(4)}"]
