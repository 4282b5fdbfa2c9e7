"""What hosts say of a room's people: roles, removal, who of the lobby is let in. Live connections follow at once."""

from collections.abc import Sequence

import msgspec
import structlog

from fourhands.access.may import Verb, require
from fourhands.actions.join_room import member_of
from fourhands.actions.place import Place
from fourhands.errors import Forbidden, InvalidRequest, NotFound
from fourhands.model.audit import Who
from fourhands.model.entry import EntryKind
from fourhands.model.ids import new_key
from fourhands.model.role import Role
from fourhands.model.room import Invite, Member, MemberState

SHOWN_MOST = 500
"""Of those who wait or were removed, so many are listed, the newest."""

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.actions")


async def host_of(place: Place, room_id: str, member_id: str | None, verb: Verb) -> Member:
    """The caller, who may do that. Raises `NotFound`, `Gone`, `Forbidden`."""
    await place.registry.room_for(room_id)
    if member_id is None:
        raise Forbidden(f"Only hosts may {verb.value}. Join the room with a host's link first.")
    member = await member_of(place, room_id, member_id)
    require(member, verb)
    return member


async def members_of(place: Place, room_id: str, caller_id: str | None) -> Sequence[Member]:
    """Who is connected, who waits in the lobby and who was removed. Raises as `host_of`."""
    await host_of(place, room_id, caller_id, Verb.SEE_MEMBERS)
    live = place.registry.live(room_id)
    removed = await place.store.members(room_id, MemberState.REMOVED, SHOWN_MOST)
    return [*(live.people() if live else ()), *(live.doors.people() if live else ()), *removed]


async def change_member(
    place: Place, room_id: str, caller_id: str | None, member_id: str, *, role: Role | None = None, state: MemberState | None = None, address: str = ""
) -> Member:
    """Give somebody a role, let them in (`IN`) or send them away (`REMOVED`).

    A role that was given so is not raised by a link's key. Whoever is a host no longer takes no key of hosts with them: those are renewed.
    Raises as `host_of`, `InvalidRequest`, `NotFound` for somebody who never joined, and `Conflict` for the last host.
    """
    caller = await host_of(place, room_id, caller_id, Verb.ADMIT if role is None else Verb.CHANGE_ROLE)
    if state is not None:
        require(caller, Verb.ADMIT)
    if state is MemberState.WAITING:
        raise InvalidRequest("Somebody is let in or removed; nobody is sent back to wait.")
    if state is MemberState.REMOVED and member_id == caller.id:
        raise InvalidRequest("Nobody removes themselves: leave the room instead.")
    member = await _change(place, room_id, member_id, caller.id, role=role, state=state)
    detail: dict[str, str | int | bool | None] = {"role": member.role.value, "state": member.state.value}
    await place.audit.note("member.changed", Who.of_member(caller, address), room_id=room_id, on=member_id, detail=detail)
    return member


async def remove_member(place: Place, room_id: str, member_id: str) -> Member:
    """Remove somebody in the server's name; who may ask for it is its caller's to know. Raises `NotFound`, `Gone`, and `Conflict` for the last host."""
    await place.registry.room_for(room_id)
    return await _change(place, room_id, member_id, None, state=MemberState.REMOVED)


async def _change(place: Place, room_id: str, member_id: str, by: str | None, *, role: Role | None = None, state: MemberState | None = None) -> Member:
    before = await place.store.member(room_id, member_id)
    if before is None:
        raise NotFound("There is no such person in this room.")
    member = await place.store.change_member(room_id, member_id, role=role, role_fixed=role is not None or None, state=state)
    if before.role is Role.HOST and (member.role is not Role.HOST or member.state is MemberState.REMOVED):
        await _renew_host_keys(place, room_id)
    live = await place.registry.get(room_id)
    told = {"change": "member", "of": member.id, "role": member.role, "state": member.state, "member": by}
    live.note(EntryKind.MEMBER, msgspec.json.encode(told), by or "")
    await place.following.member(member, by)
    log.info("member.changed", room=room_id, member=member.id, role=member.role.value, state=member.state.value, by=by)
    return member


async def _renew_host_keys(place: Place, room_id: str) -> None:
    """They knew them."""
    now_ms = place.clock.now_ms()
    for invite in await place.store.invites(room_id):
        if invite.role is Role.HOST and invite.standing:
            await place.store.put_invite(Invite(room_id, Role.HOST, new_key(), invite.id, made_at_ms=now_ms))
        elif invite.role is Role.HOST:
            await place.store.revoke_invite(room_id, invite.id, now_ms)
