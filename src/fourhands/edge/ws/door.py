"""Who is asking to come in: the upgrade request, read into room, member and rights.

The page brings a cookie, which counts only from our own origin; other clients bring `?token=`. A refusal after a valid
upgrade is a close code, since browsers cannot see an HTTP status there.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

import structlog
from picows import WSUpgradeRequest
from starlette.requests import cookie_parser

from fourhands.access.may import Verb, require
from fourhands.access.origin import is_own_origin
from fourhands.access.tokens import Claims
from fourhands.actions.hold_token import holder
from fourhands.actions.place import Place
from fourhands.errors import Forbidden, NotFound, Unauthenticated
from fourhands.model.ids import is_adhoc_name, is_room_id
from fourhands.model.people import clean_color
from fourhands.model.role import Role
from fourhands.model.room import Member, MemberState
from fourhands.room.live import LiveRoom
from fourhands.room.registry import NO_SUCH_ROOM

COOKIE = "fourhands"
SUBPROTOCOL = "fourhands.v1"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an upgrade request asks for. `origin`: None where the client sent none (browsers always do). `address`: the client's."""

    room_id: str
    token: str | None
    cookie: str | None
    origin: str | None
    host: str
    events: bool
    address: str = ""


def read_request(request: WSUpgradeRequest, root_path: str, client: str = "") -> Asked | None:
    """Read the request; None if it is not for `{root}/sync/...` (a proxy may have taken the root off). `client`: its address."""
    address = urlsplit(request.path.decode("latin-1"))
    path = address.path.removeprefix(root_path)
    if not path.startswith("/sync/"):
        return None
    token = parse_qs(address.query).get("token", [None])[0]
    headers = request.headers
    cookies = cookie_parser("; ".join(headers.getall("cookie", [])))  # forgiving: other programs on this host set odd ones
    offered = ",".join(headers.getall("sec-websocket-protocol", []))
    return Asked(
        room_id=unquote(path.removeprefix("/sync/")),
        token=token,
        cookie=cookies.get(COOKIE),
        origin=headers.get("origin"),
        host=headers.get("host", ""),
        events=SUBPROTOCOL in [name.strip() for name in offered.split(",")],
        address=client,
    )


def is_own_page(asked: Asked, own_origin: str | None, allowed: tuple[str, ...]) -> bool:
    """Whether the request comes from our own page, or from no page at all."""
    if asked.origin is None:
        return True
    own = [own_origin] if own_origin else [f"http://{asked.host}", f"https://{asked.host}"]
    return any(is_own_origin(asked.origin, one, allowed) for one in own)


async def admit(place: Place, asked: Asked, *, own_page: bool) -> tuple[LiveRoom, Member]:
    """The room, loaded, and who the caller is in it; `WAITING`: in its lobby.

    Raises `NotFound`, `Gone`, `Unauthenticated`, `Forbidden` (banned addresses too), or `Unavailable` by the store.
    """
    with place.spans.span("room.join") as span:
        room, member = await _admit(place, asked, own_page=own_page)
        span.set(room=room.room.id, member=member.id, role=member.role.value)
        return room, member


async def _admit(place: Place, asked: Asked, *, own_page: bool) -> tuple[LiveRoom, Member]:
    place.mode.require_connections()
    if not (is_room_id(asked.room_id) or (place.adhoc and is_adhoc_name(asked.room_id))):
        raise NotFound(NO_SUCH_ROOM)
    place.bans.require(address=asked.address)
    if asked.token is None and not own_page:
        raise Forbidden("This page is of another site: its clients join with a token.")
    token = asked.token or asked.cookie
    if token is None and place.adhoc and not is_room_id(asked.room_id):
        place.mode.require_newcomers()
        room = await place.registry.get(asked.room_id)
        return room, _guest(place, room)
    try:
        claims = _claims(place, token, asked.room_id)
    except Unauthenticated:
        await place.registry.room_for(asked.room_id)  # a room that is not there is that, whatever the token
        raise
    room = await place.registry.get(asked.room_id)
    member = await holder(place, claims)
    if member is None:
        raise Unauthenticated("You are not in this room any more. Join it again.")
    structlog.contextvars.bind_contextvars(room=room.room.id, member=member.id)  # of what the connection's admission, and what it waits for, says
    require(member, Verb.WAIT if member.state is MemberState.WAITING else Verb.READ)
    return room, member


def _claims(place: Place, token: str | None, room_id: str) -> Claims:
    """Raises `Unauthenticated`."""
    if token is None:
        raise Unauthenticated("Join the room first.")
    return place.tokens.read(token, room_id, place.clock.now_ms())


def _guest(place: Place, room: LiveRoom) -> Member:
    room.guests += 1
    return Member(f"guest-{room.guests}", room.room.id, f"Guest {room.guests}", clean_color(None, room.guests), Role.EDITOR, place.clock.now_ms())
