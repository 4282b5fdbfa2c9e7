"""End a login, or all of an account's."""

from fourhands.access.identity import Identity, require_account
from fourhands.actions.place import Place
from fourhands.model.audit import Who


async def log_out(place: Place, who: Identity, *, everywhere: bool = False) -> None:
    """Its access token counts no more either. Raises `Unauthenticated` for a stranger, `Forbidden` for a personal token."""
    account_id = require_account(who)
    if everywhere or who.login_id is None:
        await place.store.accounts.end_logins(account_id)
    else:
        await place.store.accounts.end_login(who.login_id)
    place.accounts.known.forget(account_id)
    await place.audit.note("account.logout", Who("account", account_id, who.name, who.address), detail={"everywhere": everywhere})
