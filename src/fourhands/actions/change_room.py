"""Change a room's title, what guests become, or where its programs run."""

from dataclasses import replace
from typing import Literal

import msgspec

from fourhands.access.may import Verb, require
from fourhands.actions.join_room import member_of
from fourhands.actions.place import Place
from fourhands.errors import Forbidden
from fourhands.model.entry import EntryKind
from fourhands.model.people import clean_line
from fourhands.model.role import GuestRole
from fourhands.model.room import Room, RunWhere


async def change_room(
    place: Place,
    room_id: str,
    member_id: str | None,
    *,
    title: str | None = None,
    guest_role: GuestRole | None = None,
    run_where: RunWhere | Literal["any"] | None = None,
) -> Room:
    """Raises `NotFound`, `Gone`, `Forbidden`, `InvalidRequest`. Everyone in the room hears of it."""
    await place.registry.room_for(room_id)
    if member_id is None:
        raise Forbidden("Only hosts may change the room. Join it with a host's link first.")
    member = await member_of(place, room_id, member_id)
    require(member.role, Verb.CHANGE_ROOM)
    if title is not None:
        title = clean_line(title, place.limits.title_characters, "A title")
    room = await place.store.change_room(room_id, title=title, guest_role=guest_role, run_where=run_where)
    live = await place.registry.get(room_id)
    settings = {"change": "settings", "title": room.title, "guest_role": room.guest_role, "run_where": room.run_where, "member": member.id}
    live.note(EntryKind.ROOM, msgspec.json.encode(settings), member.id)
    room = replace(room, language=live.room.language)  # the stored one may lag behind the document
    live.room_changed(room, member.id)
    return room
