"""Make an account: by oneself, by an invitation, or by the operator."""

from fourhands.access.account_tokens import digest_of
from fourhands.access.identity import Identity
from fourhands.access.passwords import require_good
from fourhands.actions.log_in import NO_ACCOUNTS, LoggedIn, begin_login
from fourhands.actions.place import Place
from fourhands.errors import Forbidden, NotFound
from fourhands.model.account import Account
from fourhands.model.addresses import client_of
from fourhands.model.audit import Who
from fourhands.model.ids import new_member_id
from fourhands.model.people import clean_color, clean_login, clean_name

BAD_INVITE = "This invitation is not good any more. Ask for a new one."
BY_INVITE = "Accounts are made here by invitation. Ask whoever runs this server for one."


async def register(
    place: Place, *, login: str, password: str, name: str | None, color: str | None, invite: str | None, address: str, before: Identity | None = None
) -> LoggedIn:
    """The new account, logged in. A name that is taken is told only after as much work as one that is free.

    Raises `InvalidRequest`, `Forbidden` where registering is closed or the invitation is bad, `Conflict` for a name that is taken, `LimitExceeded`.
    """
    accounts = place.accounts
    if accounts.rules.mode == "off":
        raise Forbidden(NO_ACCOUNTS)
    place.bans.require(address=address)
    await place.rates.require("register", client_of(address))  # whoever asks: accounts must not make accounts without end
    if accounts.rules.mode == "invite" and not (invite and await place.store.accounts.good_invite(digest_of(invite), place.clock.now_ms())):
        raise Forbidden(BAD_INVITE if invite else BY_INVITE)
    account = new_account(place, login=login, name=name, color=color)
    require_good(password, accounts.rules.password_characters, not_in=(account.login, account.name))
    hashed = await accounts.hashing.hash(password, client_of(address))
    used = digest_of(invite) if invite and accounts.rules.mode == "invite" else None
    try:
        await place.store.accounts.add(account, hashed, invite=used)
    except NotFound as error:
        raise Forbidden(BAD_INVITE) from error
    await place.audit.note("account.registered", Who("account", account.id, account.login, address), detail={"invited": used is not None})
    return await begin_login(place, account, address, before=before, way="registration")


def new_account(place: Place, *, login: str, name: str | None, color: str | None, admin: bool = False) -> Account:
    """An account that is not written yet. Raises `InvalidRequest`."""
    login = clean_login(login)
    shown = clean_name(name if name is not None else login.partition("@")[0], place.limits.name_characters)
    account_id = new_member_id()
    return Account(account_id, login, shown, clean_color(color, sum(account_id.encode())), admin, place.clock.now_ms())
