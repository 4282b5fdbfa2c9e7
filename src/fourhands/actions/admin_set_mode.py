"""Take nobody new in (maintenance), send everybody away (drain), or be open again; as an administrator."""

import asyncio

from fourhands.actions.admin_say import say_everywhere
from fourhands.actions.place import Place
from fourhands.desk.desk import Desk
from fourhands.desk.mode import ModeName
from fourhands.model.audit import Who
from fourhands.model.people import clean_line
from fourhands.protocol.close import CloseCode

ROOMS_CLOSED_AT_ONCE = 25
PAUSE_SECONDS = 0.05
"""Between so many rooms that are sent away: those who come back to another server are not to come all at once."""

COME_BACK = "This server is being stopped; you will be connected again in a moment."
STARTS = "Maintenance: this server takes in nobody new for now. You can go on."
ENDS = "Maintenance is over: rooms can be opened and joined again."


async def set_mode(place: Place, desk: Desk, who: Who, name: ModeName, message: str = "") -> None:
    """`message`: what those who are refused are told, and everybody who is in a room. Raises `InvalidRequest`, `Unavailable`."""
    message = clean_line(message, desk.about.notice_characters, "A message")
    before = desk.mode.name
    await place.audit.note("admin.mode", who, on=name, detail={"before": before})
    desk.mode.set(name, message)
    if name == "drain":
        await send_away(place, desk)
    elif name == "maintenance":
        await say_everywhere(place, message or STARTS)
    elif before == "maintenance":
        await say_everywhere(place, ENDS)


async def send_away(place: Place, desk: Desk) -> None:
    """Everybody, with 1012: come back. Nothing that came is lost: rooms leave memory once it is in the journal."""
    for number, room in enumerate(place.registry.rooms()):
        if desk.mode.name != "drain":
            return  # open again meanwhile
        if not room.closed:
            room.close(CloseCode.RESTART, COME_BACK)
        if number % ROOMS_CLOSED_AT_ONCE == ROOMS_CLOSED_AT_ONCE - 1:
            await asyncio.sleep(PAUSE_SECONDS)
