"""Join a room by name, with or without an invitation's key; coming back with a valid token is the same member."""

import contextlib
import secrets
from dataclasses import dataclass, replace

from fourhands.access.in_team import ROLE_IN_ROOMS
from fourhands.access.may import Actor, Verb, require
from fourhands.actions.place import Place
from fourhands.actions.try_password import require_password
from fourhands.errors import Conflict, Forbidden, NotFound, Unauthenticated
from fourhands.model.audit import Who
from fourhands.model.ids import new_member_id
from fourhands.model.people import clean_color, clean_name
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Invite, Member, MemberState, Room


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody gives who wants to come in. `member_id`: who they are already, from a valid token; `client`: whose guesses of a password these are.

    `account_id`: whose account this is; an account is one member of a room, wherever it comes from. `team`: what its place in the room's
    team makes it there, which `join_room` looks up.
    """

    name: str
    color: str | None = None
    key: str | None = None
    password: str | None = None
    member_id: str | None = None
    client: str = ""
    account_id: str | None = None
    team: Role | None = None


async def join_room(place: Place, room_id: str, wish: Wish) -> tuple[Room, Member]:
    """The room and who the caller now is in it: in, or `WAITING` in the lobby.

    Newcomers pass the room's doors: lock, password, lobby; whoever brings a host's key passes without. A role is never lowered (an open host's
    tab stays a host's, whatever link is opened beside it), and one that a host chose is not raised. People of the room's team need no key and
    no password, and wait in no lobby; its owners come in as hosts. Raises `NotFound`, `Gone`,
    `InvalidRequest`, `LimitExceeded`, or `Forbidden`: for who was removed, for a key that is not good, a wrong password, a locked room, and a
    room that takes nobody without a key.
    """
    room = await place.registry.room_for(room_id)
    name = clean_name(wish.name, place.limits.name_characters)
    wish = replace(wish, name=name, team=await _in_team(place, room, wish.account_id))
    known = await _already(place, room_id, wish)
    if known is not None:
        require(known, Verb.JOIN)
    invite = await _invite(place, room, wish.key, inside=known is not None or wish.team is not None)
    if known is None:
        place.mode.require_newcomers()
        return room, await _newcomer(place, room, wish, invite)
    return room, await _known(place, known, wish, invite)


async def _in_team(place: Place, room: Room, account_id: str | None) -> Role | None:
    """What somebody becomes there by being in the room's team."""
    role = await place.store.accounts.team_role_in(room.id, account_id) if account_id is not None else None
    return None if role is None else ROLE_IN_ROOMS[role]


async def _already(place: Place, room_id: str, wish: Wish) -> Member | None:
    """Who they are in the room already: their account's member, or who their token says, who is the account's from then on."""
    held = await place.store.member(room_id, wish.member_id) if wish.member_id else None
    if wish.account_id is None or (held is not None and held.account_id == wish.account_id):
        return held
    own = await place.store.accounts.member_in(wish.account_id, room_id)
    mine = await place.store.member(room_id, own) if own is not None else None
    if mine is not None:
        return mine if held is None or mine.state is MemberState.REMOVED or mine.role.rank >= held.role.rank else held
    if held is not None and held.account_id is None and held.state is MemberState.REMOVED:
        return held if wish.team is None else None  # perhaps removed for having left the team: by the team one comes in anew
    if held is not None and held.account_id is None:
        with contextlib.suppress(Conflict):  # another of its tabs was first
            await place.store.accounts.adopt(room_id, held.id, wish.account_id)
    return held


async def _known(place: Place, known: Member, wish: Wish, invite: Invite | None) -> Member:
    """Who comes back, perhaps by another link than before."""
    brings = max((role for role in (invite.role if invite is not None else None, wish.team) if role is not None), key=lambda role: role.rank, default=None)
    raised = brings is not None and brings.rank > known.role.rank and not known.role_fixed
    let_in = (brings is Role.HOST or wish.team is not None) and not known.role_fixed and known.state is MemberState.WAITING
    try:
        member = await place.store.change_member(
            known.room_id,
            known.id,
            used=(invite.id, place.clock.now_ms()) if invite is not None and raised and brings is not wish.team else None,
            name=wish.name,
            color=clean_color(wish.color, 0) if wish.color else None,
            role=brings if raised else None,
            state=MemberState.IN if let_in else None,
        )
    except Conflict:  # somebody else came by it since it was looked at: they stay what they were
        return await _known(place, known, wish, None)
    await place.following.member(member, None)
    if raised or let_in:
        detail: dict[str, str | int | bool | None] = {"role": member.role.value, "state": member.state.value, "by": "link" if invite else "team"}
        await place.audit.note("member.changed", Who.of_member(member, wish.client), room_id=known.room_id, on=member.id, detail=detail)
    return member


async def _newcomer(place: Place, room: Room, wish: Wish, invite: Invite | None) -> Member:
    role = wish.team if invite is None or (wish.team is not None and wish.team.rank >= invite.role.rank) else invite.role
    if role is wish.team:
        invite = None  # it is not needed, and not used up
    hosts = role is Role.HOST
    if not hosts:
        require(Actor.STRANGER if wish.team is None else Actor.TEAM_MEMBER, Verb.JOIN, room)
    if not hosts and wish.team is None:
        await require_password(place, room, wish.password, wish.client)
    state = MemberState.WAITING if room.lobby and not hosts and wish.team is None else MemberState.IN
    shade = await place.store.count_members(room.id)
    role = role or Role(room.guest_role.value)
    member = Member(new_member_id(), room.id, wish.name, clean_color(wish.color, shade), role, place.clock.now_ms(), state)
    member = replace(member, account_id=wish.account_id)
    try:
        await place.store.add_member(member, invite.id if invite is not None else None)
    except Conflict as error:  # somebody else came by it, or a host revoked it, since it was looked at
        if (mine := await _already(place, room.id, replace(wish, member_id=None))) is not None:
            return mine  # or another tab of the same account was first
        await _invite(place, room, wish.key, inside=False)
        raise Forbidden(str(error)) from error
    if hosts or place.limits.audit_joins:
        await place.audit.note("member.joined", Who.of_member(member, wish.client), room_id=room.id, on=member.id, detail={"role": member.role.value})
    return member


async def _invite(place: Place, room: Room, key: str | None, *, inside: bool) -> Invite | None:
    """The invitation of that key. Raises `Forbidden` if it is not good (to those who are in the room, or its team, it makes no difference), and where none is
    brought but one is needed."""
    if key:
        for invite in await place.store.invites(room.id):
            if secrets.compare_digest(invite.key.encode(), key.encode()):
                if invite.is_good(place.clock.now_ms()):
                    return invite
                if not inside:
                    raise Forbidden(_why_not(invite))
        if not inside:
            raise Forbidden("This link's key is not valid any more. Ask for a new link, or join without it.")
    if not inside and room.guest_role is GuestRole.NONE:
        raise Forbidden("This room takes only people with an invitation link. Ask its host for one.")
    return None


def _why_not(invite: Invite) -> str:
    if invite.revoked_at_ms is not None:
        return "A host withdrew this invitation. Ask for a new link, or join without it."
    if invite.single_use and invite.used_at_ms is not None:
        return "This invitation was for one person, and somebody has used it. Ask for a new link, or join without it."
    return "This invitation has run out. Ask for a new link, or join without it."


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
    require(member, Verb.READ)
    return member
