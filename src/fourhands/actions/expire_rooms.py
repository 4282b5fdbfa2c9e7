"""End the rooms whose time has come, as their hosts said."""

import contextlib

from fourhands.actions.end_room import close_ended
from fourhands.actions.place import Place
from fourhands.errors import NotFound, Unavailable
from fourhands.model.audit import SERVER

AT_ONCE = 50


async def expire_rooms(place: Place) -> int:
    """End those that are due, in memory or not, of whichever instance; how many were. Raises `Unavailable`; the next call goes on."""
    if not await is_our_turn(place):
        return 0
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


async def is_our_turn(place: Place) -> bool:
    """One of several instances does it, so that it stands in the audit log once; each does while it cannot know of the others: it harms nothing."""
    if (others := place.registry.sharing) is None:
        return True
    with contextlib.suppress(Unavailable):
        return others.instance == min(await others.living(), default=others.instance)
    return True
