"""What surrounds the API: banned addresses and accounts are refused, and everybody's requests are counted. Pure ASGI; wraps the application.

Counted for a member of a room by the room's token, for an account by its own, and for strangers by their address: a class behind one address
would otherwise share a hundred requests. What a page needs before it is known has windows of its own (`join`, `look`); `/api/languages` is
the same for all and counts as an asset. Nothing else than `/api/` is counted. Administrators are counted nowhere.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fourhands.actions.place import Place
from fourhands.edge.http.address import address_of
from fourhands.edge.http.caller import bearer, canonical
from fourhands.edge.http.error_map import answer_of, rate_headers
from fourhands.edge.http.identity import ACCOUNT_COOKIE, cookie
from fourhands.edge.http.piston import ApiTokens, refusal
from fourhands.edge.ws.door import COOKIE
from fourhands.errors import FourhandsError, Unauthenticated
from fourhands.model.addresses import client_of
from fourhands.model.rate import Standing

PISTON = "/api/v2/"
NOT_COUNTED = "/api/languages"
ENTRY = re.compile(r"/api/(?:rooms/[^/]+/join|accounts|login(?:/.*)?|refresh)/?")
"""What people send to come in: as often as somebody may join."""
LOOK = re.compile(r"/api/(?:rooms/[^/]+|me)/?")
"""What a page asks before it knows who it is."""
ROOM = re.compile(r"/api/rooms/([^/]+)")


class Recognised(Protocol):
    @property
    def account_id(self) -> str | None: ...
    @property
    def admin(self) -> bool: ...


Recognise = Callable[[str, str], Awaitable[Recognised]]
"""Whom an account's token stands for, from a token and an address. Raises `Unauthenticated`."""


class Limiter:
    """`recognise`: None where there are no accounts."""

    def __init__(self, app: ASGIApp, *, place: Place, tokens: ApiTokens, recognise: Recognise | None = None) -> None:
        self._app = app
        self._place = place
        self._tokens = tokens
        self._recognise = recognise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        try:
            standing = await self._count(Request(scope))
        except FourhandsError as error:
            answer = refusal(error) if scope["path"].startswith(PISTON) else answer_of(error)
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send if standing is None else _telling(send, standing))

    async def _count(self, request: Request) -> Standing | None:
        """Raises `Forbidden` for who is banned, `LimitExceeded` for who asks too often."""
        path, address = request.scope["path"], address_of(request)
        account = await self._account(request, address)
        if account is not None and account.admin:
            return None
        self._place.bans.require(address=address, account_id=account.account_id if account else None)
        if path == NOT_COUNTED or request.method == "OPTIONS" or (path.startswith(PISTON) and self._is_machine(request.headers)):
            return None
        member = self._member(request, path)
        key = member or (f"account {account.account_id}" if account else f"address {client_of(address)}")
        rate = _rate(request.method, path, known=member is not None or account is not None)
        standing = await self._place.rates.require(rate, key)
        if rate == "rooms" and account is not None:  # accounts are cheap where anybody may register
            await self._place.rates.require("rooms_by_address", f"address {client_of(address)}")
        return standing

    def _is_machine(self, headers: Headers) -> bool:
        """Machine clients have a rate of their own, by programs (`execution/admission.py`)."""
        try:
            return bool(self._tokens.holder(headers))
        except Unauthenticated:
            return False

    def _member(self, request: Request, path: str) -> str | None:
        """Who the room's own token says; one that is forged, outdated or another room's says nothing."""
        if (found := ROOM.match(path)) is None:
            return None
        room_id = canonical(found[1])
        for token in (bearer(request), cookie(request, COOKIE)):
            if token:
                try:
                    return f"member {room_id} {self._place.tokens.read(token, room_id, self._place.clock.now_ms()).member_id}"
                except Unauthenticated:
                    continue
        return None

    async def _account(self, request: Request, address: str) -> Recognised | None:
        token = bearer(request) or cookie(request, ACCOUNT_COOKIE)
        if not token or self._recognise is None:
            return None
        try:
            found = await self._recognise(token, address)
        except Unauthenticated:
            return None  # the route says so, and the request counts as a stranger's
        return found if found.account_id is not None else None


def _rate(method: str, path: str, *, known: bool) -> str:
    if method == "POST" and path.rstrip("/") == "/api/rooms":
        return "rooms"
    if ENTRY.fullmatch(path):
        return "join"
    return "look" if not known and method in {"GET", "HEAD"} and LOOK.fullmatch(path) else "api"


def _telling(send: Send, standing: Standing) -> Send:
    """Each answer says how one stands, unless a route said so of a rate that is nearer."""

    async def telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message.get("headers", [])))
            if "RateLimit" not in headers:
                headers.update(rate_headers(standing))
                message = {**message, "headers": headers.raw}
        await send(message)

    return telling
