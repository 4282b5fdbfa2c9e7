"""Say something to everybody in a room, or in all rooms, as an administrator: plain text, in a banner."""

import asyncio

from fourhands.actions.place import Place
from fourhands.desk.desk import Desk
from fourhands.desk.figures import ROOMS_AT_ONCE
from fourhands.errors import InvalidRequest
from fourhands.model.audit import Who
from fourhands.model.people import clean_line
from fourhands.protocol import events
from fourhands.room.live import LiveRoom


async def say(place: Place, desk: Desk, who: Who, text: str, room_id: str | None = None) -> int:
    """How many connections heard it; without a room it is said in all of them. Raises `InvalidRequest`, `NotFound`, `Gone`, `Unavailable`."""
    text = clean_line(text, desk.about.notice_characters, "A message")
    if not text:
        raise InvalidRequest("A message needs at least one letter.")
    if room_id is not None:
        await place.registry.room_for(room_id)
    await place.audit.note("admin.message", who, room_id=room_id or "", detail={"characters": len(text)})
    if room_id is None:
        return await say_here(place, text)
    live = place.registry.live(room_id)
    return 0 if live is None else _tell(live, events.Notice(text, place.clock.now_ms()))


async def say_here(place: Place, text: str) -> int:
    """In all rooms of this instance. How many connections heard it; some rooms at a time."""
    heard, notice = 0, events.Notice(text, place.clock.now_ms())
    for number, room in enumerate(place.registry.rooms()):
        if number % ROOMS_AT_ONCE == ROOMS_AT_ONCE - 1:
            await asyncio.sleep(0)
        heard += _tell(room, notice)
    return heard


def _tell(room: LiveRoom, notice: events.Notice) -> int:
    room.announce(notice)
    return sum(peer.events for peer in room.peers)
