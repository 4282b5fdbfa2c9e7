"""`/api/accounts`, `/api/login`, `/api/refresh`, `/api/logout`: come in with an account, stay in, and go.

Pages get cookies that no script can read; programs ask for their tokens in the body, and get no cookies.
"""

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from fourhands.access.identity import Identity
from fourhands.actions.log_in import LoggedIn, log_in
from fourhands.actions.log_out import log_out
from fourhands.actions.place import Place
from fourhands.actions.refresh_login import refresh_login
from fourhands.actions.register import register
from fourhands.edge.http.address import address_of
from fourhands.edge.http.body import Body
from fourhands.edge.http.caller import Outside, require_own
from fourhands.edge.http.identity import REFRESH_COOKIE, clear_account_cookies, cookie, held_login, identity, set_account_cookies
from fourhands.errors import Unauthenticated
from fourhands.model.account import Account
from fourhands.model.people import initials

Where = Literal["cookies", "body"]
_WHERE: Any = Field("cookies", description="Where the tokens go: into cookies (pages), or into the answer's body (programs).")


class Register(Body):
    login: str = Field(max_length=64, description="The name to log in with; others do not see it.")
    password: str = Field(max_length=1000)
    name: str | None = Field(None, max_length=1000, description="What others see; by default the login name.")
    color: str | None = Field(None, max_length=16, description="#rrggbb")
    invite: str | None = Field(None, max_length=256, description="The key of an invitation, what stands behind its link's #.")
    tokens: Where = _WHERE


class LogIn(Body):
    login: str = Field(max_length=1000)
    password: str = Field(max_length=1000)
    tokens: Where = _WHERE


class Refresh(Body):
    refresh_token: str | None = Field(None, max_length=4096, description="Without one, the cookie counts.")


class LogOut(Body):
    everywhere: bool = Field(False, description="End all logins of the account, not only this one.")


class AccountShown(BaseModel):
    id: str
    login: str
    name: str
    color: str
    initials: str = Field(description="What its picture shows, on its colour.")
    admin: bool
    created_at: int = Field(description="Milliseconds since the epoch.")


class LoggedInShown(BaseModel):
    account: AccountShown
    expires_in: int = Field(description="Seconds until the access token has to be refreshed.")
    access_token: str | None = Field(description="Null where it went into a cookie.")
    refresh_token: str | None
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a word of RFC 6750


class ProviderShown(BaseModel):
    id: str = Field(description="Begin by `POST /api/login/{id}/start`.")
    name: str


class Ways(BaseModel):
    accounts: Literal["open", "invite", "off"] = Field(description="Who may register.")
    room_creation: Literal["anyone", "accounts"]
    password_characters: int = Field(description="How many a password needs.")
    providers: list[ProviderShown] = Field(description="By whom one may log in besides.")


def account_shown(account: Account) -> AccountShown:
    """An account as its owner sees it."""
    return AccountShown(
        id=account.id,
        login=account.login,
        name=account.name,
        color=account.color,
        initials=initials(account.name),
        admin=account.admin,
        created_at=account.created_at_ms,
    )


def accounts_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api", tags=["accounts"])

    def give(request: Request, response: Response, done: LoggedIn, where: Where) -> LoggedInShown:
        response.headers["Cache-Control"] = "no-store"
        if where == "cookies":
            set_account_cookies(response, request, outside, access=done.access, refresh=done.refresh, seconds=done.login_seconds)
        shown = account_shown(done.account)
        access, refresh = (done.access, done.refresh) if where == "body" else (None, None)
        return LoggedInShown(account=shown, expires_in=int(done.access_seconds), access_token=access, refresh_token=refresh)

    async def before(request: Request, where: Where) -> Identity | None:
        """Who this browser is logged in as; that ends when another login takes its cookies."""
        return None if where == "body" else await held_login(request, place, address_of(request))

    @router.get("/accounts", summary="Who may register here")
    async def ways() -> Ways:
        rules = place.accounts.rules
        found = place.accounts.elsewhere if rules.mode != "off" else None
        providers = [] if found is None else [ProviderShown(id=found.id, name=found.provider.name)]
        return Ways(accounts=rules.mode, room_creation=rules.rooms_by, password_characters=rules.password_characters, providers=providers)

    @router.post("/accounts", status_code=201, summary="Make an account, and log in")
    async def make(request: Request, response: Response, body: Register) -> LoggedInShown:
        require_own(request, outside)
        done = await register(
            place,
            login=body.login,
            password=body.password,
            name=body.name,
            color=body.color,
            invite=body.invite,
            address=address_of(request),
            before=await before(request, body.tokens),
        )
        return give(request, response, done, body.tokens)

    @router.post("/login", summary="Log in")
    async def log_in_(request: Request, response: Response, body: LogIn) -> LoggedInShown:
        require_own(request, outside)
        done = await log_in(place, login=body.login, password=body.password, address=address_of(request), before=await before(request, body.tokens))
        return give(request, response, done, body.tokens)

    @router.post("/refresh", summary="Trade a refresh token for new tokens; each is good once")
    async def refresh(request: Request, response: Response, body: Refresh | None = None) -> LoggedInShown:
        token = body.refresh_token if body else None
        where: Where = "body" if token else "cookies"
        if token is None:
            require_own(request, outside)
            token = cookie(request, REFRESH_COOKIE)
        if token is None:
            raise Unauthenticated("Log in first.")
        return give(request, response, await refresh_login(place, token, address_of(request)), where)

    @router.post("/logout", status_code=204, summary="Log out; the tokens of this login count no more")
    async def log_out_(request: Request, response: Response, body: LogOut | None = None) -> None:
        require_own(request, outside)
        everywhere = body is not None and body.everywhere
        who = await identity(request, place, outside, writes=True)
        if who.account_id is not None:
            await log_out(place, who, everywhere=everywhere)
        elif (held := await held_login(request, place, address_of(request))) is not None:
            if everywhere:
                raise Unauthenticated("Log in first.")  # a token that has run out does not speak for the other logins
            await log_out(place, held)
        clear_account_cookies(response, request, outside)

    return router
