"""Who asks: an account's cookie, a bearer token of one, a room's token, or nobody whom we know. Every route of the API asks here."""

from dataclasses import dataclass

import structlog
from fastapi import Request, Response
from starlette.requests import cookie_parser

from fourhands.access.identity import Identity, require_scope, stranger
from fourhands.access.identity import require_account as require_account_of
from fourhands.access.identity import require_admin as require_admin_of
from fourhands.access.tokens import Claims
from fourhands.actions.hold_token import holder
from fourhands.actions.identify import identify, identify_held
from fourhands.actions.place import Place
from fourhands.edge.http.address import address_of
from fourhands.edge.http.caller import Outside, bearer, caller, require_own
from fourhands.errors import Unauthenticated
from fourhands.model.account import Scope
from fourhands.model.room import Member

ACCOUNT_COOKIE, REFRESH_COOKIE = "fourhands_account", "fourhands_refresh"
REFRESH_PATH = "/api/refresh"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks about a room. `member_id`: who they are in it, None if nobody; `claims`: of the room's token, if they are it by that."""

    member_id: str | None
    claims: Claims | None
    identity: Identity


def cookie(request: Request, name: str) -> str | None:
    """The value of a cookie; None if there is none, or an empty one."""
    for header in request.headers.getlist("cookie"):
        if value := cookie_parser(header).get(name):
            return value
    return None


async def identity(request: Request, place: Place, outside: Outside, *, writes: bool) -> Identity:
    """Who asks; a stranger without any token, and with an outdated cookie.

    Raises `Unauthenticated` for a bad bearer token, and `Forbidden` for a write that another site's page bears by cookie.
    """
    address = address_of(request)
    token = bearer(request)
    if token is not None:
        return await identify(place, token, address)
    held = cookie(request, ACCOUNT_COOKIE)
    if held is None:
        return stranger(address)
    if writes:
        require_own(request, outside)
    try:
        return await identify(place, held, address)
    except Unauthenticated:
        return stranger(address)


async def held_login(request: Request, place: Place, address: str) -> Identity | None:
    """Whose login this browser's cookie is of, also where the access token has run out: it can end that login, and no more. None without one."""
    held = cookie(request, ACCOUNT_COOKIE)
    if held is None:
        return None
    try:
        return await identify_held(place, held, address)
    except Unauthenticated:
        return None


async def require_account(request: Request, place: Place, outside: Outside, *, writes: bool, scope: Scope | None = None) -> Identity:
    """As `identity`, and raises `Unauthenticated` for a stranger, `Forbidden` for a token without that scope (without one: for every token)."""
    found = await identity(request, place, outside, writes=writes)
    require_account_of(found, scope)
    return found


async def require_admin(request: Request, place: Place, outside: Outside, *, writes: bool) -> Identity:
    """As `identity`, and raises `Unauthenticated` or `Forbidden` for everybody who is no admin."""
    found = await identity(request, place, outside, writes=writes)
    require_admin_of(found)
    return found


async def asking(request: Request, place: Place, outside: Outside, room_id: str, scope: Scope, *, writes: bool) -> Asking:
    """Who asks about a room: who the room's token says, or else the account's own member there.

    A bearer token may be the room's or an account's; a cookie of a room that another account left in this browser does not count. Raises as
    `identity` does, and `Forbidden` for a personal token without `scope`, and for whoever is banned. What is logged from now on names room and member.
    """
    asked = await _asking(request, place, outside, room_id, scope, writes=writes)
    if asked.member_id is not None:
        structlog.contextvars.bind_contextvars(room=room_id, member=asked.member_id)
    return asked


async def _asking(request: Request, place: Place, outside: Outside, room_id: str, scope: Scope, *, writes: bool) -> Asking:
    token = bearer(request)
    if token is None:
        claims = caller(request, place, outside, room_id, writes=writes)
        who = await identity(request, place, outside, writes=writes)
        claims, held = await _held(place, claims)
    else:
        claims, who = await _of_bearer(place, token, room_id, address_of(request))
        held = await holder(place, claims) if claims is not None else None
    if who.account_id is None:
        return Asking(claims.member_id if claims else None, claims, who)
    require_scope(who, scope)
    own = await place.store.accounts.member_in(who.account_id, room_id)
    if claims is None or (held is not None and held.account_id not in {None, who.account_id}):
        return Asking(own, None, who)
    mine = await place.store.member(room_id, own) if own is not None and own != claims.member_id else None
    if mine is None or (held is not None and held.role.rank > mine.role.rank):
        return Asking(claims.member_id, claims, who)
    return Asking(own, None, who)


async def _held(place: Place, claims: Claims | None) -> tuple[Claims | None, Member | None]:
    """Whom a cookie stands for. One that does not count any more makes its browser a stranger, who may join again."""
    if claims is None:
        return None, None
    try:
        return claims, await holder(place, claims)
    except Unauthenticated:
        return None, None


async def _of_bearer(place: Place, token: str, room_id: str, address: str) -> tuple[Claims | None, Identity]:
    try:
        return place.tokens.read(token, room_id, place.clock.now_ms()), stranger(address)
    except Unauthenticated:
        try:
            return None, await identify(place, token, address)
        except Unauthenticated:
            pass
        raise


def set_account_cookies(response: Response, request: Request, outside: Outside, *, access: str, refresh: str, seconds: float) -> None:
    """The access token for all of us, the refresh token for the one route that takes it. Both last as long as the login."""
    response.headers["Cache-Control"] = "no-store"
    for name, value, path in ((ACCOUNT_COOKIE, access, f"{outside.root_path}/"), (REFRESH_COOKIE, refresh, outside.root_path + REFRESH_PATH)):
        response.set_cookie(name, value, max_age=int(seconds), path=path, secure=is_secure(request, outside), httponly=True, samesite="lax")


def clear_account_cookies(response: Response, request: Request, outside: Outside) -> None:
    """Let the browser forget both."""
    for name, path in ((ACCOUNT_COOKIE, f"{outside.root_path}/"), (REFRESH_COOKIE, outside.root_path + REFRESH_PATH)):
        response.delete_cookie(name, path=path, secure=is_secure(request, outside), httponly=True, samesite="lax")


def is_secure(request: Request, outside: Outside) -> bool:
    """Whether people come to us by TLS, so that cookies need never travel without."""
    return request.url.scheme == "https" or outside.public_url.startswith("https:")
