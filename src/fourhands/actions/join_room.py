"""Join a room by name, with or without an invite's key; coming back with a valid token is the same member."""

import secrets

from fourhands.access.may import Verb, require
from fourhands.actions.place import Place
from fourhands.errors import Forbidden, NotFound, Unauthenticated
from fourhands.model.ids import new_member_id
from fourhands.model.people import clean_color, clean_name
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Member, Room


async def join_room(place: Place, room_id: str, *, name: str, color: str | None, key: str | None, member_id: str | None) -> tuple[Room, Member]:
    """The room and who the caller now is in it.

    `member_id`: who they are already, from a valid token. A role is never lowered: an open host's tab stays a host's,
    whatever link is opened beside it. Raises `NotFound`, `Gone`, `InvalidRequest`, or `Forbidden` for an unknown key
    and for a room that takes nobody without one.
    """
    room = await place.registry.room_for(room_id)
    name = clean_name(name, place.limits.name_characters)
    known = await place.store.member(room_id, member_id) if member_id else None
    granted = await _granted(place, room, key, known)
    if known is not None:
        role = max(known.role, granted, key=lambda one: one.rank)
        member = await place.store.change_member(room_id, known.id, name=name, color=clean_color(color, 0) if color else None, role=role)
        if live := place.registry.live(room_id):
            live.member_changed(member)
        return room, member
    shade = await place.store.count_members(room_id)
    member = Member(new_member_id(), room_id, name, clean_color(color, shade), granted, place.clock.now_ms())
    await place.store.add_member(member)
    return room, member


async def _granted(place: Place, room: Room, key: str | None, known: Member | None) -> Role:
    """The role that this join is good for."""
    if key:
        for invite in await place.store.invites(room.id):
            if secrets.compare_digest(invite.key.encode(), key.encode()):
                return invite.role
        if known is None:
            raise Forbidden("This link's key is not valid any more. Ask for a new link, or join without it.")
    if known is not None:
        return known.role
    if room.guest_role is GuestRole.NONE:
        raise Forbidden("This room takes only people with an invitation link. Ask its host for one.")
    return Role(room.guest_role.value)


async def member_of(place: Place, room_id: str, member_id: str) -> Member:
    """Raises `NotFound` if there is no such member (any more)."""
    member = await place.store.member(room_id, member_id)
    if member is None:
        raise NotFound("You are not in this room any more. Join it again.")
    return member


async def reader_of(place: Place, room_id: str, member_id: str | None) -> Member:
    """Who reads what only members may. Raises `NotFound` or `Gone` without such a room, `Unauthenticated` or `Forbidden`."""
    await place.registry.room_for(room_id)
    if member_id is None:
        raise Unauthenticated("Only people who are in this room may read it. Join it first.")
    member = await place.store.member(room_id, member_id)
    if member is None:
        raise Forbidden("You are not in this room any more. Join it again.")
    require(member.role, Verb.READ)
    return member
