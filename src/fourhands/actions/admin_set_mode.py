"""Take nobody new in (maintenance), send everybody away (drain), or be open again; as an administrator. Said once, it holds for all instances, and for those
that start meanwhile; one alone may be drained."""

import asyncio

import msgspec

from fourhands.actions.admin_say import say_here
from fourhands.actions.place import Place
from fourhands.desk.desk import Desk
from fourhands.desk.mode import ModeName
from fourhands.errors import InvalidRequest, NotFound
from fourhands.model.audit import Who
from fourhands.model.people import clean_line
from fourhands.protocol.close import CloseCode

ROOMS_CLOSED_AT_ONCE = 25
PAUSE_SECONDS = 0.05
"""Between so many rooms that are sent away: those who come back to another server are not to come all at once."""

COME_BACK = "This server is being stopped; you will be connected again in a moment."
STARTS = "Maintenance: this server takes in nobody new for now. You can go on."
ENDS = "Maintenance is over: rooms can be opened and joined again."

WORD, DRAIN = "mode", "drain."
"""What is said to all instances, and to one of them by its name."""


class Said(msgspec.Struct, frozen=True):
    """A mode as instances tell each other."""

    name: ModeName
    message: str = ""


async def set_mode(place: Place, desk: Desk, who: Who, name: ModeName, message: str = "", *, instance: str | None = None) -> None:
    """`message`: what those who are refused are told, and everybody who is in a room. `instance`: drain that one alone, or open it again.

    Raises `InvalidRequest`, `NotFound` without such an instance, `Unavailable`.
    """
    message = clean_line(message, desk.about.notice_characters, "A message")
    if instance is not None and name == "maintenance":
        raise InvalidRequest("Maintenance holds for all instances; one alone can be drained.")
    if instance is not None and instance not in desk.instances():
        raise NotFound("There is no such instance (any more).")
    await place.audit.note("admin.mode", who, on=name, detail={"before": desk.mode.name, "instance": instance})
    here = instance is None or instance == desk.instance
    for one in desk.instances() if instance is None else [instance]:
        drained = msgspec.json.encode(Said("drain", message)) if name == "drain" else b""
        await place.words.say(DRAIN + one, drained)
    if name != "drain" and instance is None:
        await place.words.say(WORD, msgspec.json.encode(Said(name, message)))
    if here:
        await _be(place, desk, said_now(place, desk))


def said_now(place: Place, desk: Desk) -> Said:
    """What holds for this instance by all that was said."""
    said = place.words.known(DRAIN + desk.instance) or place.words.known(WORD)
    return msgspec.json.decode(said, type=Said) if said else Said("open")


async def follow_mode(place: Place, desk: Desk) -> None:
    """Another instance has said something of it."""
    said = said_now(place, desk)
    if said.name != desk.mode.name or (said.message and said.message != desk.mode.message):
        await _be(place, desk, said)


async def _be(place: Place, desk: Desk, said: Said) -> None:
    before = desk.mode.name
    desk.mode.set(said.name, said.message)
    if said.name == "drain":
        await send_away(place, desk)
    elif said.name == "maintenance":
        await say_here(place, said.message or STARTS)
    elif before == "maintenance":
        await say_here(place, ENDS)


async def send_away(place: Place, desk: Desk) -> None:
    """Everybody, with 1012: come back. Nothing that came is lost: rooms leave memory once it is in the journal."""
    for number, room in enumerate(place.registry.rooms()):
        if desk.mode.name != "drain":
            return  # open again meanwhile
        if not room.closed:
            room.close(CloseCode.RESTART, COME_BACK)
        if number % ROOMS_CLOSED_AT_ONCE == ROOMS_CLOSED_AT_ONCE - 1:
            await asyncio.sleep(PAUSE_SECONDS)
