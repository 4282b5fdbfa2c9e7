"""End a room as an administrator: everybody in it is warned first, and it can be called off until the time is up."""

from fourhands.actions.place import Place
from fourhands.desk.desk import Desk
from fourhands.desk.endings import Ending
from fourhands.model.audit import Who


async def start_ending(place: Place, desk: Desk, who: Who, room_id: str, *, erases: bool) -> Ending:
    """Warn everybody in the room, and end it when the time is up; `erases`: with all that it holds. Its id stays refused.

    Raises `NotFound`, `Gone`, `Conflict` if it is about to be ended already, and `Unavailable`.
    """
    await place.registry.room_for(room_id)
    seconds = desk.about.ending_seconds
    desk.endings.require_free(room_id)
    await place.audit.note("admin.room_ending", who, room_id=room_id, detail={"seconds": int(seconds), "erases": erases})

    async def ended() -> None:
        await place.audit.note("room.ended", who, room_id=room_id, detail={"erases": erases})

    return desk.endings.start(room_id, seconds, erases=erases, ended=ended)


async def cancel_ending(place: Place, desk: Desk, who: Who, room_id: str) -> None:
    """Raises `NotFound` if it is not about to be ended, `Conflict` in the moment in which it is too late, and `Unavailable`."""
    desk.endings.require_cancellable(room_id)
    await place.audit.note("admin.room_ending_cancelled", who, room_id=room_id)
    await desk.endings.cancel(room_id)
