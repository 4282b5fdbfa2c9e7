"""What somebody may know of a room: enough to decide to join; its links for hosts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fourhands.access.may import Verb, may
from fourhands.actions.place import Place
from fourhands.model.account import Team
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import File, Member, Room


@dataclass(frozen=True, slots=True)
class Shown:
    """`people`: connected now, and not told to those outside where newcomers do not simply walk in. `files`: None for those who are not
    in the room. `keys`: role -> the standing invitation's key, None for those who may not see them. `team`: whose room it is, None for those
    who are not in that team."""

    room: Room
    people: Sequence[Member]
    me: Member | None
    files: Sequence[File] | None
    keys: Mapping[Role, str] | None
    team: Team | None = None


async def show_room(place: Place, room_id: str, member_id: str | None, account_id: str | None = None) -> Shown:
    """Raises `NotFound` or `Gone`. Looking loads the room for its members alone, who are about to come in."""
    room = await place.registry.room_for(room_id)
    me = await place.store.member(room_id, member_id) if member_id else None
    live = await place.registry.get(room_id) if me is not None and may(me, Verb.READ) else place.registry.live(room_id)
    keys = None
    if me is not None and may(me, Verb.SEE_INVITES):
        keys = {invite.role: invite.key for invite in await place.store.invites(room_id) if invite.standing}
    inside = me is not None and may(me, Verb.READ)
    files = live.document.files() if live is not None and inside else None
    private = room.password_hash is not None or room.lobby or room.locked or room.guest_role is GuestRole.NONE
    people = await place.inside.people(room_id) if inside or not private else ()
    return Shown(room, people, me, files, keys, await _team(place, room_id, account_id))


async def _team(place: Place, room_id: str, account_id: str | None) -> Team | None:
    """The room's team, for whoever is in it."""
    if account_id is None or await place.store.accounts.team_role_in(room_id, account_id) is None:
        return None
    room = await place.store.room(room_id)
    found = await place.store.accounts.team(room.team_id) if room is not None and room.team_id is not None else None
    return None if found is None else found[0]
