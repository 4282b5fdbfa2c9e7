"""How a connection's events are heard: what cannot be taken is answered by an `error` event, and the connection stays.

Called by `connection.py`.
"""

from collections.abc import Coroutine

from fourhands.actions.hear_event import change_self, hear_event
from fourhands.actions.run_in_room import ask, run_in_room
from fourhands.edge.ws.door import SUBPROTOCOL
from fourhands.edge.ws.hub import Hub
from fourhands.errors import FourhandsError, InvalidRequest, LimitExceeded
from fourhands.protocol import events, sync
from fourhands.protocol.websocket import frame
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer

UNREAD = "other"
"""The kind of an event that could not be read."""


def hear(hub: Hub, room: LiveRoom, peer: Peer, payload: bytes) -> None:
    """Take in an event. Raises `InvalidRequest` from a connection that did not offer to speak by events."""
    if not peer.events:
        raise InvalidRequest(f"Events are for connections that offered the subprotocol {SUBPROTOCOL}.")
    ref, kind = None, UNREAD
    try:
        event = events.decode(payload)
        kind = str(type(event).__struct_config__.tag)
        ref = getattr(event, "ref", None) or getattr(event, "run", None)
        if isinstance(event, events.MemberChange):
            room.within_rate(peer.member, "changes of a name", hub.place.limits.changes_per_minute)
            hub.start(_answered(peer, change_self(hub.place, room, peer, event), None))
        elif isinstance(event, events.RunAsk):
            prepared = ask(hub.place, room, peer.member, event, peer.address)
            hub.start(_answered(peer, run_in_room(hub.place, room, prepared), prepared.run.id))
        else:
            hear_event(hub.place, room, peer, event)
    except FourhandsError as error:
        _say_error(peer, error, ref)
    hub.heard(kind)


async def _answered(peer: Peer, work: Coroutine[object, object, object], ref: str | None) -> None:
    """What takes its time; if it fails, its sender hears it."""
    try:
        await work
    except FourhandsError as error:
        _say_error(peer, error, ref)


def _say_error(peer: Peer, error: FourhandsError, ref: str | None) -> None:
    wait = error.retry_after_seconds if isinstance(error, LimitExceeded) else None
    peer.outbox.put(frame(sync.event(events.encode(events.ErrorSaid(error.code, str(error), ref=ref, retry_after=wait)))))
