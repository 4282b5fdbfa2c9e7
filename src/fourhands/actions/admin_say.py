"""Say something to everybody in a room, or in all rooms, as an administrator: plain text, in a banner."""

import asyncio

import msgspec

from fourhands.actions.place import Place
from fourhands.desk.desk import Desk
from fourhands.desk.figures import ROOMS_AT_ONCE
from fourhands.desk.gathered import ask_all
from fourhands.errors import InvalidRequest
from fourhands.model.audit import Who
from fourhands.model.people import clean_line
from fourhands.protocol import events
from fourhands.room.live import LiveRoom

TOPIC = "admin.say"


class Said(msgspec.Struct, frozen=True):
    """`room`: None: in all."""

    text: str
    room: str | None = None


async def say(place: Place, desk: Desk, who: Who, text: str, room_id: str | None = None) -> int:
    """How many connections heard it; without a room it is said in all of them. Raises `InvalidRequest`, `NotFound`, `Gone`, `Unavailable`."""
    text = clean_line(text, desk.about.notice_characters, "A message")
    if not text:
        raise InvalidRequest("A message needs at least one letter.")
    if room_id is not None:
        await place.registry.room_for(room_id)
    await place.audit.note("admin.message", who, room_id=room_id or "", detail={"characters": len(text)})
    said = Said(text, room_id)
    heard = await _say(place, said)
    if desk.others is not None:
        answers = await ask_all(desk.others, desk.instances(), TOPIC, lambda instance: msgspec.json.encode(said))
        heard += sum(map(int, answers.values()))
    return heard


async def answer_said(place: Place, payload: bytes) -> bytes:
    """Another instance's administrator says something: how many connections heard it here."""
    return b"%d" % await _say(place, msgspec.json.decode(payload, type=Said))


async def _say(place: Place, said: Said) -> int:
    if said.room is None:
        return await say_here(place, said.text)
    live = place.registry.live(said.room)
    return 0 if live is None else _tell(live, events.Notice(said.text, place.clock.now_ms()))


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
