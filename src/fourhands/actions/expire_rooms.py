"""End the rooms whose time has come, as their hosts said."""

from fourhands.actions.end_room import close_ended
from fourhands.actions.place import Place
from fourhands.errors import NotFound
from fourhands.model.audit import SERVER

AT_ONCE = 50


async def expire_rooms(place: Place) -> int:
    """End those that are due, in memory or not; how many were. Raises `Unavailable`; the next call goes on."""
    now_ms = place.clock.now_ms()
    due = await place.store.expired_rooms(now_ms, AT_ONCE)
    for room_id in due:
        try:
            await place.store.end_room(room_id, now_ms)
        except NotFound:
            continue  # deleted meanwhile
        close_ended(place, room_id, None)
        await place.audit.note("room.ended", SERVER, room_id=room_id)
    return len(due)
