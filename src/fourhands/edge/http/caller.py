"""Who calls: the room's cookie or a bearer token, our own page or another, and the address people use for us."""

from dataclasses import dataclass

from fastapi import Request, Response
from starlette.requests import cookie_parser

from fourhands.access.origin import require_own_page
from fourhands.access.tokens import Claims
from fourhands.actions.place import Place
from fourhands.edge.http.headers import require_host
from fourhands.edge.ws.door import COOKIE
from fourhands.errors import Unauthenticated
from fourhands.model.ids import is_room_id, normalize_room_id


@dataclass(frozen=True, slots=True)
class Outside:
    """How we are reached: the root path of a proxy, the public address if it was set, origins that may use cookies."""

    root_path: str
    public_url: str
    allowed_origins: tuple[str, ...]


def canonical(room_id: str) -> str:
    """The room's id: a code as somebody typed it is good enough; names of rooms opened by joining stay as they are."""
    return room_id if is_room_id(room_id) else normalize_room_id(room_id) or room_id


def base_url(request: Request, outside: Outside) -> str:
    """The address that people use for us, without a slash at its end. Raises `InvalidRequest` for a bad Host header."""
    if outside.public_url:
        return outside.public_url
    return own_origin(request) + outside.root_path


def own_origin(request: Request) -> str:
    """`scheme://host[:port]` of this request. Raises `InvalidRequest` for a bad Host header."""
    return f"{request.url.scheme}://{require_host(request.headers.get('host', ''))}"


def bearer(request: Request) -> str | None:
    """The token of an `Authorization: Bearer` header."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def caller(request: Request, place: Place, outside: Outside, room_id: str, *, writes: bool) -> Claims | None:
    """Who calls about this room; None for somebody whom we do not know, or whose cookie is out of date.

    Raises `Unauthenticated` for a bad bearer token, and `Forbidden` for a write that another site's page bears by cookie.
    """
    token = bearer(request)
    if token is not None:
        return place.tokens.read(token, room_id, place.clock.now_ms())
    if writes:
        require_own(request, outside)
    for header in request.headers.getlist("cookie"):
        value = cookie_parser(header).get(COOKIE)
        if value:
            try:
                return place.tokens.read(value, room_id, place.clock.now_ms())
            except Unauthenticated:
                return None  # it will be asked to join again
    return None


def require_own(request: Request, outside: Outside) -> None:
    """A write without a bearer token must come from our own page, or from no page. Raises `Forbidden`."""
    fetch_site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if fetch_site is None and origin is None and not request.headers.get("cookie"):
        return  # no browser, and nothing borne by a cookie
    own = _origin_of(outside.public_url) if outside.public_url else own_origin(request)
    require_own_page(fetch_site=fetch_site, origin=origin, own=own, allowed=outside.allowed_origins)


def _origin_of(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.split('/')[0]}"


def set_cookies(response: Response, request: Request, outside: Outside, *, room_id: str, token: str, valid_seconds: float) -> None:
    """The room's token for its own two paths alone, so that two rooms in one browser do not collide."""
    secure = request.url.scheme == "https" or outside.public_url.startswith("https:")
    for path in ("sync", "api/rooms"):
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(valid_seconds),
            path=f"{outside.root_path}/{path}/{room_id}",
            secure=secure,
            httponly=True,
            samesite="lax",
        )
