"""Make and revoke personal tokens, which programs use in place of a login."""

from collections.abc import Collection

from fourhands.access.account_tokens import digest_of, new_personal_token
from fourhands.access.identity import Identity, require_account
from fourhands.actions.place import Place
from fourhands.errors import Forbidden, InvalidRequest
from fourhands.model.account import PersonalToken, Scope
from fourhands.model.audit import Who
from fourhands.model.ids import new_member_id
from fourhands.model.people import clean_line

NAME_CHARACTERS = 80
DAY_MS = 86_400_000


async def make_token(place: Place, who: Identity, *, name: str, scopes: Collection[Scope], days: float | None) -> tuple[PersonalToken, str]:
    """The token is told this once. Raises `Unauthenticated`, `Forbidden`, `InvalidRequest`, `Conflict` past the number of them."""
    account_id = require_account(who)
    if not scopes:
        raise InvalidRequest("Say what the token is for: it needs a scope at least.")
    if Scope.ADMIN in scopes and not who.admin:
        raise Forbidden("Only administrators make tokens for administration.")
    now_ms = place.clock.now_ms()
    shown = clean_line(name, NAME_CHARACTERS, "A token's name") or "Token"
    made = PersonalToken(new_member_id(), account_id, shown, frozenset(scopes), now_ms, None if days is None else now_ms + int(days * DAY_MS))
    token = new_personal_token()
    await place.store.accounts.add_token(made, digest_of(token), most=place.accounts.rules.tokens_each)
    detail: dict[str, str | int | bool | None] = {"name": shown, "scopes": " ".join(sorted(scopes))}
    await place.audit.note("account.token_made", Who("account", account_id, who.name, who.address), on=made.id, detail=detail)
    return made, token


async def revoke_token(place: Place, who: Identity, token_id: str) -> None:
    """It counts no more at once. Raises `Unauthenticated`, `Forbidden`, `NotFound`."""
    account_id = require_account(who)
    await place.store.accounts.remove_token(account_id, token_id)
    place.accounts.known.forget(account_id)
    await place.audit.note("account.token_revoked", Who("account", account_id, who.name, who.address), on=token_id)
