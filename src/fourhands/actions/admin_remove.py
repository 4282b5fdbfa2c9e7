"""Remove somebody from a room, as an administrator: their connections end at once, and they do not come back in."""

from fourhands.actions.change_member import remove_member
from fourhands.actions.join_room import member_of
from fourhands.actions.place import Place
from fourhands.model.audit import Who
from fourhands.model.room import Member


async def remove(place: Place, who: Who, room_id: str, member_id: str) -> Member:
    """Raises `NotFound` for somebody who never joined, `Gone`, `Conflict` for the last host, and `Unavailable`."""
    await place.registry.room_for(room_id)
    await member_of(place, room_id, member_id)
    await place.audit.note("admin.member_removed", who, room_id=room_id, on=member_id)
    return await remove_member(place, room_id, member_id)
