"""Open a new room: its first file, its host, and a key for each role."""

from dataclasses import dataclass, replace

from fourhands.access.identity import Identity, require_account, require_scope, stranger
from fourhands.access.in_team import TeamVerb
from fourhands.actions.change_room import hashed, require_time
from fourhands.actions.change_team import require_team
from fourhands.actions.place import Place
from fourhands.errors import Conflict, InvalidRequest, Unauthenticated
from fourhands.execution.languages import Language
from fourhands.model.account import Scope
from fourhands.model.ids import new_key, new_member_id, new_room_id
from fourhands.model.people import clean_color, clean_line, clean_name
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Invite, Member, Room
from fourhands.room.document import Document
from fourhands.room.registry import first_entries, new_epoch

DEFAULT_LANGUAGE = "python"


@dataclass(frozen=True, slots=True)
class Doors:
    """What stands from the first moment: a `password` (None or "": none), a `lobby`, the end (milliseconds since the epoch; None or 0: never);
    `team`: whose people come in without, by its id."""

    password: str | None = None
    lobby: bool = False
    expires_at_ms: int | None = None
    team: str | None = None


OPEN = Doors()


@dataclass(frozen=True, slots=True)
class Opened:
    room: Room
    host: Member
    keys: dict[Role, str]


async def open_room(
    place: Place,
    *,
    title: str = "",
    language: str | None = None,
    guest_role: GuestRole = GuestRole.EDITOR,
    ephemeral: bool = False,
    name: str | None = None,
    color: str | None = None,
    doors: Doors = OPEN,
    who: Identity | None = None,
) -> Opened:
    """`who` opens it: an account's room is in its list, and its host is called as the account is.

    Raises `Unauthenticated` where only accounts open rooms, `Forbidden` for a token that may not; `NotFound` for a team that they are not in;
    `InvalidRequest` for an unknown language or a bad name, colour, title, password or end; `LimitExceeded` where too many passwords are being
    hashed; `Unavailable` by the store.
    """
    account = _account(place, who)
    if doors.team is not None:
        await require_team(place, require_account(account, Scope.ROOMS_WRITE), doors.team, TeamVerb.ADD_ROOM)
    chosen = _language(place, language or DEFAULT_LANGUAGE)
    now_ms = place.clock.now_ms()
    title = clean_line(title, place.limits.title_characters, "A title")
    host_name, shade = _shown(place, account, name, color)
    require_time(doors.expires_at_ms, now_ms)
    password_hash = await hashed(place, doors.password, account.address) or None
    room = Room("", title, chosen.id, guest_role, ephemeral, "", now_ms, now_ms)
    room = replace(room, password_hash=password_hash, lobby=doors.lobby, expires_at_ms=doors.expires_at_ms or None, team_id=doors.team)
    host = Member(new_member_id(), "", host_name, shade, Role.HOST, now_ms, account_id=account.account_id)
    return await _stored(place, room, host, chosen)


async def _stored(place: Place, room: Room, host: Member, language: Language) -> Opened:
    """The room under a free id, with its keys and its first file."""
    keys = {role: new_key() for role in Role}
    document = Document.with_file(place.limits, f"main.{language.extension}" if language.extension else "main", language.id, "")
    for _ in range(3):
        room = replace(room, id=new_room_id(), epoch=new_epoch())
        host = replace(host, room_id=room.id)
        invites = [Invite(room.id, role, key, id=role.value, made_at_ms=room.created_at_ms) for role, key in keys.items()]
        try:
            await place.store.create_room(room, host, invites, first_entries(document, host.id, room.created_at_ms))
        except Conflict:
            continue  # once in 2**60
        return Opened(room, host, keys)
    raise Conflict("No free room id was found. Try again.")


def _account(place: Place, who: Identity | None) -> Identity:
    """Who opens it, if they may. Raises `Unauthenticated`, `Forbidden`."""
    place.mode.require_newcomers()
    who = who or stranger()
    if place.accounts.rules.rooms_by == "accounts" and who.account_id is None:
        raise Unauthenticated("Only people with an account open rooms here. Log in first.")
    if who.account_id is not None:
        require_scope(who, Scope.ROOMS_WRITE)
    return who


def _shown(place: Place, account: Identity, name: str | None, color: str | None) -> tuple[str, str]:
    """The host's name and colour: as they were given, or as the account is shown."""
    shown = clean_name(name, place.limits.name_characters) if name is not None else account.name or "Host"
    return shown, clean_color(account.color if color is None else color, 0)


def _language(place: Place, wanted: str) -> Language:
    for language in place.languages:
        if language.id == wanted:
            return language
    raise InvalidRequest(f"There is no language {wanted[:40]!r} here; GET /api/languages lists those that are.")
