"""Who a token of an account stands for."""

from fourhands.access.account_tokens import OUTDATED, PERSONAL, digest_of
from fourhands.access.identity import Identity
from fourhands.actions.place import Place
from fourhands.errors import Unauthenticated

REVOKED = "This token is not valid (any more). Make a new one."


async def identify(place: Place, token: str, address: str) -> Identity:
    """`token`: an access token or a personal one. Raises `Unauthenticated`; whether somebody is an admin is looked up, never believed."""
    accounts = place.accounts
    if accounts.rules.mode == "off":
        raise Unauthenticated("There are no accounts here.")
    if token.startswith(PERSONAL):
        known = await accounts.known.token(digest_of(token))
        if known is None:
            raise Unauthenticated(REVOKED)
        personal, account = known
        return Identity(account.id, account.name, account.admin, personal.scopes, address, color=account.color)
    return await _of_login(place, token, address, place.clock.now_ms())


async def identify_held(place: Place, token: str, address: str) -> Identity:
    """Whose login an access token is of, also where it has run out while the login goes on: enough to end that login, and for nothing else.

    Raises `Unauthenticated`.
    """
    return await _of_login(place, token, address, 0)


async def _of_login(place: Place, token: str, address: str, now_ms: int) -> Identity:
    accounts = place.accounts
    claims = accounts.tokens.read_access(token, now_ms)
    found = await accounts.known.login(claims.login_id)
    if found is None or found[1].id != claims.account_id:
        raise Unauthenticated(OUTDATED)
    account = found[1]
    return Identity(account.id, account.name, account.admin, None, address, claims.login_id, account.color)
