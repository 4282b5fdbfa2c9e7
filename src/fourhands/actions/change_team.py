"""Teams: make, show, rename and delete them, and say who is in them. Whoever is not in a team hears that there is none."""

import contextlib
from collections.abc import Sequence

from fourhands.access.identity import Identity, require_account
from fourhands.access.in_team import NO_TEAM, TeamVerb, require_in_team
from fourhands.actions.change_member import remove_member
from fourhands.actions.place import Place
from fourhands.errors import Conflict, Gone, InvalidRequest, NotFound
from fourhands.model.account import OwnTeam, Scope, Team, TeamMember, TeamRole
from fourhands.model.audit import Who
from fourhands.model.ids import new_member_id
from fourhands.model.people import clean_line

ROOMS_AT_ONCE = 100


async def own_teams(place: Place, who: Identity) -> Sequence[OwnTeam]:
    """Those that the caller is in, by name. Raises `Unauthenticated`, `Forbidden`."""
    return await place.store.accounts.teams(require_account(who, Scope.TEAMS))


async def make_team(place: Place, who: Identity, *, name: str) -> OwnTeam:
    """The caller is its owner. Raises `Unauthenticated`, `Forbidden`, `InvalidRequest`, `Conflict` for who is in too many."""
    account_id = require_account(who, Scope.TEAMS)
    team = Team(new_member_id(), _named(place, name), place.clock.now_ms())
    await place.store.accounts.add_team(team, account_id, most=place.accounts.rules.teams_each)
    await note_team(place, who, "team.made", team.id)
    return OwnTeam(team, TeamRole.OWNER, 1, 0)


async def show_team(place: Place, who: Identity, team_id: str) -> tuple[Team, TeamRole, Sequence[TeamMember]]:
    """The team, what the caller is in it, and who else is. Raises `Unauthenticated`, `Forbidden`, `NotFound`."""
    role = await require_team(place, require_account(who, Scope.TEAMS), team_id, TeamVerb.SEE)
    found = await place.store.accounts.team(team_id)
    if found is None:
        raise NotFound(NO_TEAM)
    return found[0], role, found[1]


async def rename_team(place: Place, who: Identity, team_id: str, *, name: str) -> None:
    """Raises `Unauthenticated`, `Forbidden`, `NotFound`, `InvalidRequest`."""
    await require_team(place, require_account(who, Scope.TEAMS), team_id, TeamVerb.RENAME)
    await place.store.accounts.rename_team(team_id, _named(place, name))
    await note_team(place, who, "team.renamed", team_id)


async def delete_team(place: Place, who: Identity, team_id: str) -> None:
    """Its rooms stay for those who are in them, and are no team's. Raises `Unauthenticated`, `Forbidden`, `NotFound`."""
    await require_team(place, require_account(who, Scope.TEAMS), team_id, TeamVerb.DELETE)
    await place.store.accounts.remove_team(team_id)
    await note_team(place, who, "team.deleted", team_id)


async def put_team_member(place: Place, who: Identity, team_id: str, login: str, role: TeamRole) -> TeamMember:
    """Give somebody who is in the team another role. Raises `Unauthenticated`, `Forbidden`, `NotFound`, `Conflict` for the last owner."""
    await require_team(place, require_account(who, Scope.TEAMS), team_id, TeamVerb.CHANGE_PEOPLE)
    account_id = await _account_of(place, team_id, login)
    await place.store.accounts.put_team_member(team_id, account_id, role, place.clock.now_ms(), most=place.accounts.rules.people_per_team)
    await note_team(place, who, "team.member", team_id, account=account_id, role=role.value)
    found = await place.store.accounts.team(team_id)
    for member in found[1] if found is not None else ():
        if member.account_id == account_id:
            return member
    raise NotFound(NO_TEAM)


async def remove_team_member(place: Place, who: Identity, team_id: str, login: str) -> None:
    """Take somebody out, or leave. They are in the team's rooms no more, at once; but a room keeps its only host, and whoever is the last to go keeps all.

    Raises `Unauthenticated`, `Forbidden`, `NotFound`, `Conflict` for the last owner while others are in the team.
    """
    mine = require_account(who, Scope.TEAMS)
    role = await require_team(place, mine, team_id, TeamVerb.SEE)
    account_id = await _account_of(place, team_id, login)
    require_in_team(role, TeamVerb.LEAVE if account_id == mine else TeamVerb.CHANGE_PEOPLE)
    rooms = await _rooms_of(place, team_id, account_id)
    await place.store.accounts.remove_team_member(team_id, account_id)
    await note_team(place, who, "team.member_removed", team_id, account=account_id)
    if await place.store.accounts.team(team_id) is not None:
        for room_id in rooms:
            await _take_out(place, room_id, account_id)


async def require_team(place: Place, account_id: str, team_id: str, verb: TeamVerb) -> TeamRole:
    """What the account is in the team, if it may do that. Raises `NotFound`, `Forbidden`."""
    return require_in_team(await place.store.accounts.team_role(team_id, account_id), verb)


async def _rooms_of(place: Place, team_id: str, account_id: str) -> Sequence[str]:
    """The team's rooms that the account is in."""
    found: list[str] = []
    for archived in (False, True):
        mark: tuple[int, str] | None = None
        while page := await place.store.accounts.rooms(account_id, archived=archived, team_id=team_id, before=mark, limit=ROOMS_AT_ONCE):
            found += [room.id for room in page if room.role is not None]
            mark = page[-1].mark
    return found


async def _take_out(place: Place, room_id: str, account_id: str) -> None:
    """Whom the account was in the room is removed, and is nobody's account: should it come into the team again, it comes into the room anew."""
    with contextlib.suppress(NotFound, Gone):  # the room, or they themselves, went meanwhile
        member_id = await place.store.accounts.member_in(account_id, room_id)
        if member_id is None:
            return
        await place.store.accounts.leave(account_id, room_id)
        try:
            await remove_member(place, room_id, member_id)
        except Conflict:  # the only host
            await place.store.accounts.adopt(room_id, member_id, account_id)


async def _account_of(place: Place, team_id: str, login: str) -> str:
    """Whether anybody else has that login name is not told."""
    found = await place.store.accounts.team(team_id)
    for member in found[1] if found is not None else ():
        if member.login == login.strip().lower():
            return member.account_id
    raise NotFound("Nobody in this team logs in by that name.")


def _named(place: Place, name: str) -> str:
    shown = clean_line(name, place.limits.title_characters, "A team's name")
    if not shown:
        raise InvalidRequest("A team needs a name.")
    return shown


async def note_team(place: Place, who: Identity, what: str, team_id: str, **detail: str) -> None:
    """A line of the audit log."""
    await place.audit.note(what, Who("account", who.account_id or "", who.name, who.address), on=team_id, detail=dict(detail))
