"""`/api/me`: one's own account, its password and its personal tokens."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from fourhands.access.identity import require_account
from fourhands.actions.change_account import change_password, change_profile, delete_account, identity_id_of, unlink_identity
from fourhands.actions.make_token import make_token, revoke_token
from fourhands.actions.place import Place
from fourhands.edge.http.accounts import AccountShown, account_shown
from fourhands.edge.http.body import Body
from fourhands.edge.http.caller import Outside
from fourhands.edge.http.identity import clear_account_cookies, identity
from fourhands.errors import Unauthenticated
from fourhands.model.account import Account, PersonalToken, Scope


class IdentityShown(BaseModel):
    id: str
    provider: str
    name: str = Field(description="What the provider calls them in its own records.")


class MeShown(AccountShown):
    password: bool = Field(description="Whether one logs in with a password.")
    identities: list[IdentityShown] = Field(description="By whom one logs in besides.")


class ChangeProfile(Body):
    name: str | None = Field(None, max_length=1000)
    color: str | None = Field(None, max_length=16, description="#rrggbb")


class ChangePassword(Body):
    old: str | None = Field(None, max_length=1000, description="Not needed by an account that has none yet.")
    new: str = Field(max_length=1000)


class DeleteAccount(Body):
    password: str | None = Field(None, max_length=1000)


class MakeToken(Body):
    name: str = Field(max_length=1000, description="What it is for.")
    scopes: list[Scope] = Field(max_length=len(Scope))
    days: float | None = Field(None, gt=0, le=3660, description="How long it is good; null: until it is revoked.")


class TokenShown(BaseModel):
    id: str
    name: str
    scopes: list[Scope]
    created_at: int = Field(description="Milliseconds since the epoch.")
    expires_at: int | None
    used_at: int | None = Field(description="The last use, to a minute.")


class TokenMade(TokenShown):
    token: str = Field(description="Told this once.")


class Tokens(BaseModel):
    tokens: list[TokenShown]


def me_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api/me", tags=["accounts"])

    async def shown(account: Account) -> MeShown:
        known = [_identity(place, *one) for one in await place.store.accounts.identities(account.id)]
        has_password = await place.store.accounts.password(account.id) is not None
        return MeShown(**account_shown(account).model_dump(), password=has_password, identities=known)

    @router.get("", summary="One's own account")
    async def show(request: Request) -> MeShown:
        who = await identity(request, place, outside, writes=False)
        account = await place.store.accounts.account(who.account_id) if who.account_id else None
        if account is None:
            raise Unauthenticated("Log in first.")
        return await shown(account)

    @router.patch("", summary="Change what others see")
    async def change(request: Request, body: ChangeProfile) -> MeShown:
        who = await identity(request, place, outside, writes=True)
        return await shown(await change_profile(place, who, name=body.name, color=body.color))

    @router.delete("", status_code=204, summary="Delete the account")
    async def delete(request: Request, response: Response, body: DeleteAccount) -> None:
        await delete_account(place, await identity(request, place, outside, writes=True), password=body.password)
        clear_account_cookies(response, request, outside)

    @router.put("/password", status_code=204, summary="Change the password; all other logins end")
    async def password(request: Request, body: ChangePassword) -> None:
        await change_password(place, await identity(request, place, outside, writes=True), old=body.old, new=body.new)

    @router.delete("/identities/{identity_id}", status_code=204, summary="Let a provider log one in no more")
    async def unlink(request: Request, identity_id: str) -> None:
        await unlink_identity(place, await identity(request, place, outside, writes=True), identity_id)

    @router.get("/tokens", summary="One's personal tokens, without the tokens")
    async def tokens(request: Request) -> Tokens:
        account_id = require_account(await identity(request, place, outside, writes=False))
        return Tokens(tokens=[_token(one) for one in await place.store.accounts.tokens(account_id)])

    @router.post("/tokens", status_code=201, summary="Make a personal token")
    async def make(request: Request, body: MakeToken) -> TokenMade:
        who = await identity(request, place, outside, writes=True)
        made, token = await make_token(place, who, name=body.name, scopes=body.scopes, days=body.days)
        return TokenMade(token=token, **_token(made).model_dump())

    @router.delete("/tokens/{token_id}", status_code=204, summary="Revoke a personal token")
    async def revoke(request: Request, token_id: str) -> None:
        await revoke_token(place, await identity(request, place, outside, writes=True), token_id)

    return router


def _identity(place: Place, issuer: str, subject: str) -> IdentityShown:
    elsewhere = place.accounts.elsewhere
    mine = elsewhere is not None and elsewhere.provider.issuer == issuer.rstrip("/")
    name = elsewhere.provider.name if elsewhere is not None and mine else urlsplit(issuer).hostname or issuer
    return IdentityShown(id=identity_id_of(issuer, subject), provider=name, name=subject)


def _token(token: PersonalToken) -> TokenShown:
    return TokenShown(
        id=token.id,
        name=token.name,
        scopes=sorted(token.scopes),
        created_at=token.created_at_ms,
        expires_at=token.expires_at_ms,
        used_at=token.used_at_ms,
    )
