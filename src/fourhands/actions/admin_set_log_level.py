"""Log more or less from now on, as an administrator."""

from fourhands.actions.place import Place
from fourhands.desk.desk import Desk, LogLevel
from fourhands.model.audit import Who


async def set_log_level(place: Place, desk: Desk, who: Who, level: LogLevel) -> None:
    """Until it is changed again, or the server starts anew. Raises `Unavailable`."""
    await place.audit.note("admin.log_level", who, on=level, detail={"before": desk.dial.level})
    desk.dial.set(level)
