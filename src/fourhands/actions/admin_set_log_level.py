"""Log more or less from now on, as an administrator; on all instances."""

import msgspec

from fourhands.actions.place import Place
from fourhands.desk.desk import Desk, LogLevel
from fourhands.model.audit import Who

WORD = "log_level"


class Said(msgspec.Struct, frozen=True):
    """A level as instances tell each other, and when it was said: whoever starts later goes by its settings."""

    level: LogLevel
    at_ms: int


async def set_log_level(place: Place, desk: Desk, who: Who, level: LogLevel) -> None:
    """Until it is changed again, or the server starts anew. Raises `Unavailable`."""
    await place.audit.note("admin.log_level", who, on=level, detail={"before": desk.dial.level})
    desk.dial.set(level)
    await place.words.say(WORD, msgspec.json.encode(Said(level, place.clock.now_ms())))


async def follow_log_level(place: Place, desk: Desk) -> None:
    """Another instance has said something of it."""
    value = place.words.known(WORD)
    said = msgspec.json.decode(value, type=Said) if value else None
    if said is not None and said.at_ms >= desk.started_ms and said.level != desk.dial.level:
        desk.dial.set(said.level)
