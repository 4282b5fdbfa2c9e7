"""End a room for everyone: its text, chat and people are erased, its id stays refused."""

import structlog

from fourhands.access.may import Verb, require
from fourhands.actions.join_room import member_of
from fourhands.actions.place import Place
from fourhands.errors import Forbidden
from fourhands.model.audit import Who

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.actions")


async def end_room(place: Place, room_id: str, member_id: str | None, *, address: str = "") -> None:
    """Raises `NotFound`, `Gone`, `Forbidden`."""
    await place.registry.room_for(room_id)
    if member_id is None:
        raise Forbidden("Only hosts may end the room. Join it with a host's link first.")
    member = await member_of(place, room_id, member_id)
    require(member, Verb.END_ROOM)
    await place.store.end_room(room_id, place.clock.now_ms())
    close_ended(place, room_id, member.id)
    await place.audit.note("room.ended", Who.of_member(member, address), room_id=room_id)


def close_ended(place: Place, room_id: str, by: str | None) -> None:
    """Send everybody away from a room that has ended, whichever instance they are at; `by`: a host, or None for the time that it was given."""
    place.following.ended(room_id, by)
    log.info("room.ended", room=room_id, member=by)
