"""A room's invitation links: what there are, new ones, and revoking them."""

from collections.abc import Sequence

import structlog

from fourhands.access.may import Verb
from fourhands.actions.change_member import host_of
from fourhands.actions.place import Place
from fourhands.errors import Conflict, InvalidRequest, NotFound
from fourhands.model.audit import Who
from fourhands.model.ids import new_key
from fourhands.model.people import clean_line
from fourhands.model.role import Role
from fourhands.model.room import Invite

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.actions")


async def invites_of(place: Place, room_id: str, caller_id: str | None) -> Sequence[Invite]:
    """All of them, also those that let nobody in any more. Raises `NotFound`, `Gone`, `Forbidden`."""
    await host_of(place, room_id, caller_id, Verb.SEE_INVITES)
    return await place.store.invites(room_id)


async def make_invite(
    place: Place,
    room_id: str,
    caller_id: str | None,
    *,
    role: Role,
    label: str = "",
    single_use: bool = False,
    expires_at_ms: int | None = None,
    address: str = "",
) -> Invite:
    """A new link for that role. Raises `NotFound`, `Gone`, `Forbidden`, `InvalidRequest`, and `Conflict` if the room has too many good ones."""
    host = await host_of(place, room_id, caller_id, Verb.CHANGE_INVITES)
    now_ms = place.clock.now_ms()
    if expires_at_ms is not None and expires_at_ms <= now_ms:
        raise InvalidRequest("The time until which an invitation is good lies ahead.")
    label = clean_line(label, place.limits.title_characters, "A label")
    most = place.limits.invites_per_room
    if sum(not one.standing and one.is_good(now_ms) for one in await place.store.invites(room_id)) >= most:
        raise Conflict(f"A room may have {most} invitation links beside its own three. Revoke some first.")
    invite = Invite(room_id, role, new_key(), label=label, made_at_ms=now_ms, expires_at_ms=expires_at_ms, single_use=single_use)
    await place.store.put_invite(invite)
    detail: dict[str, str | int | bool | None] = {"role": role.value, "single_use": single_use, "expires_at": expires_at_ms}
    await place.audit.note("invite.made", Who.of_member(host, address), room_id=room_id, on=invite.id, detail=detail)
    log.info("invite.made", room=room_id, invite=invite.id, role=role.value, member=host.id)
    return invite


async def revoke_invite(place: Place, room_id: str, caller_id: str | None, invite_id: str, *, address: str = "") -> Invite:
    """Let nobody else in by it; a standing one gets another key instead. Those who came by it stay. Raises `NotFound`, `Gone`, `Forbidden`."""
    host = await host_of(place, room_id, caller_id, Verb.CHANGE_INVITES)
    found = next((one for one in await place.store.invites(room_id) if one.id == invite_id), None)
    if found is None:
        raise NotFound("There is no such invitation in this room.")
    now_ms = place.clock.now_ms()
    if found.standing:
        invite = Invite(room_id, found.role, new_key(), found.id, made_at_ms=now_ms)
        await place.store.put_invite(invite)
    else:
        invite = await place.store.revoke_invite(room_id, invite_id, now_ms)
    await place.audit.note("invite.revoked", Who.of_member(host, address), room_id=room_id, on=invite_id, detail={"role": found.role.value})
    log.info("invite.revoked", room=room_id, invite=invite_id, member=host.id)
    return invite
