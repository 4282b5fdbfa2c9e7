"""Change a room: its title, what guests become, where and by whom its programs run, and its doors. Everyone in it hears of it at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

import msgspec

from fourhands.access.in_team import TeamVerb
from fourhands.access.may import Verb
from fourhands.access.passwords import PASSWORD_CHARACTERS_MOST
from fourhands.actions.change_member import host_of
from fourhands.actions.change_team import require_team
from fourhands.actions.place import Place
from fourhands.errors import InvalidRequest, Unauthenticated
from fourhands.model.addresses import client_of
from fourhands.model.audit import Who
from fourhands.model.entry import EntryKind
from fourhands.model.people import clean_line
from fourhands.model.role import GuestRole, RunRole
from fourhands.model.room import Member, MemberState, Room, RunWhere
from fourhands.room.live import LiveRoom

LONGEST_MS = 366 * 86_400_000
"""How far ahead a room's end may be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be another; None: as it is. `run_where` "any": where it can be had; `password` "": none any more; `expires_at_ms` 0: never;
    `team` "": nobody's."""

    title: str | None = None
    guest_role: GuestRole | None = None
    run_where: RunWhere | Literal["any"] | None = None
    password: str | None = None
    lobby: bool | None = None
    locked: bool | None = None
    read_only: bool | None = None
    run_role: RunRole | None = None
    expires_at_ms: int | None = None
    team: str | None = None


async def change_room(place: Place, room_id: str, member_id: str | None, change: Change, *, account_id: str | None = None, address: str = "") -> Room:
    """`account_id`: of the caller, who gives the room to a team. Raises `Unauthenticated` without one. `address`: the caller's.

    Raises `NotFound`, `Gone`, `Forbidden`, `InvalidRequest`, and `LimitExceeded` where too many passwords are being hashed.
    """
    member = await host_of(place, room_id, member_id, Verb.CHANGE_ROOM)
    before = await place.registry.room_for(room_id)
    title = None if change.title is None else clean_line(change.title, place.limits.title_characters, "A title")
    require_time(change.expires_at_ms, place.clock.now_ms())
    if change.team is not None:
        await _give_to_team(place, before, change.team or None, account_id)
        await place.audit.note("room.team", Who("account", account_id or "", address=address), room_id=room_id, on=change.team)
    room = await place.store.change_room(
        room_id,
        title=title,
        guest_role=change.guest_role,
        run_where=change.run_where,
        password_hash=await hashed(place, change.password, address),
        lobby=change.lobby,
        locked=change.locked,
        read_only=change.read_only,
        run_role=change.run_role,
        expires_at_ms=change.expires_at_ms,
    )
    live = await place.registry.get(room_id)
    live.note(EntryKind.ROOM, msgspec.json.encode(_told(room, member)), member.id)
    await place.following.room(live, room, member.id)
    await place.audit.note("room.changed", Who.of_member(member, address), room_id=room_id, detail=_noted(change))
    if before.lobby and not room.lobby:
        await _let_all_in(place, live, member)
    return replace(room, language=live.room.language)


def _noted(change: Change) -> dict[str, str | int | bool | None]:
    """What the audit log says: of a title that it was changed, of a password whether there is one now."""
    said: dict[str, str | int | bool | None] = {}
    for name in ("guest_role", "run_where", "lobby", "locked", "read_only", "run_role", "expires_at_ms"):
        if (value := getattr(change, name)) is not None:
            said[name.removesuffix("_ms")] = value.value if isinstance(value, StrEnum) else value
    if change.title is not None:
        said["title"] = True
    if change.password is not None:
        said["password"] = bool(change.password)
    return said


async def _give_to_team(place: Place, room: Room, team_id: str | None, account_id: str | None) -> None:
    """The old team's owners alone let it go, and the new team's people alone take it. Raises `Unauthenticated`, `NotFound`, `Forbidden`."""
    if team_id == room.team_id:
        return
    if account_id is None:
        raise Unauthenticated("Log in first: people with an account give rooms to teams.")
    if room.team_id is not None and await place.store.accounts.team(room.team_id) is not None:
        await require_team(place, account_id, room.team_id, TeamVerb.TAKE_ROOM)
    if team_id is not None:
        await require_team(place, account_id, team_id, TeamVerb.ADD_ROOM)
    await place.store.accounts.give_to_team(room.id, team_id)


def _told(room: Room, by: Member) -> Mapping[str, object]:
    """What the journal says: never the password."""
    return {
        "change": "settings",
        "title": room.title,
        "guest_role": room.guest_role,
        "run_where": room.run_where,
        "password": room.password_hash is not None,
        "lobby": room.lobby,
        "locked": room.locked,
        "read_only": room.read_only,
        "run_role": room.run_role,
        "expires_at": room.expires_at_ms,
        "member": by.id,
    }


def require_time(expires_at_ms: int | None, now_ms: int) -> None:
    """Raises `InvalidRequest` for an end of a room that has passed, or lies too far ahead."""
    if expires_at_ms and not now_ms < expires_at_ms <= now_ms + LONGEST_MS:
        raise InvalidRequest("The end of a room lies ahead, and not more than a year; 0 takes it back.")


async def hashed(place: Place, password: str | None, address: str) -> str | None:
    """What is kept of a room's password; of None and "" themselves. Raises `InvalidRequest`, `LimitExceeded`."""
    if not password:
        return password
    if len(password) > PASSWORD_CHARACTERS_MOST:
        raise InvalidRequest(f"A password may have {PASSWORD_CHARACTERS_MOST} characters.")
    return await place.accounts.hashing.hash(password, client_of(address))


async def _let_all_in(place: Place, live: LiveRoom, by: Member) -> None:
    """Nobody is left to wait for a word that will not come."""
    for waiting in await place.store.members(live.room.id, MemberState.WAITING):
        await place.following.member(await place.store.change_member(live.room.id, waiting.id, state=MemberState.IN), by.id)
