"""Trade a refresh token for a new pair. Each is good once; one that comes a second time was stolen, by whichever of the two."""

import structlog

from fourhands.access.account_tokens import OUTDATED
from fourhands.actions.log_in import NO_ACCOUNTS, LoggedIn, tokens_of
from fourhands.actions.place import Place
from fourhands.errors import Forbidden, Unauthenticated
from fourhands.model.audit import Who

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.accounts")


async def refresh_login(place: Place, token: str, address: str) -> LoggedIn:
    """Two tabs that refresh at once get the same new pair, for `grace_seconds`; after that, an old token ends the login for everybody who holds it.

    A thief gains nothing by that moment: thief and owner then hold the same newest token, and whoever comes second with it is noticed.
    Raises `Unauthenticated`, `Forbidden` for who is banned.
    """
    rules = place.accounts.rules
    if rules.mode == "off":
        raise Forbidden(NO_ACCOUNTS)
    now_ms = place.clock.now_ms()
    claims = place.accounts.tokens.read_refresh(token, now_ms)
    place.bans.require(address=address, account_id=claims.account_id)
    done = await place.store.accounts.rotate(
        claims.login_id, claims.generation, now_ms, grace_ms=int(rules.grace_seconds * 1000), valid_ms=int(rules.login_seconds * 1000)
    )
    if done.login is None or done.outcome == "reused":
        if done.login is not None:
            place.accounts.known.forget(claims.account_id)
            log.warning("login.reused", account=claims.account_id, login=claims.login_id)
            await place.audit.note("account.token_reused", Who("account", claims.account_id, address=address), on=claims.login_id)
        raise Unauthenticated(OUTDATED)
    account = await place.store.accounts.account(claims.account_id)
    if account is None or done.login.account_id != account.id:
        raise Unauthenticated(OUTDATED)
    return tokens_of(place, done.login, account)
