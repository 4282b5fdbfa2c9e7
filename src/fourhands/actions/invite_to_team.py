"""Ask somebody into a team by their login name; they say yes or no. Who asks learns nothing of whether anybody logs in by that name."""

from collections.abc import Sequence

from fourhands.access.identity import Identity, require_account
from fourhands.access.in_team import TeamVerb
from fourhands.actions.change_team import note_team, require_team
from fourhands.actions.place import Place
from fourhands.model.account import Scope, TeamInvitation, TeamRole


async def invite_to_team(place: Place, who: Identity, team_id: str, login: str, role: TeamRole) -> None:
    """The same happens to see for whatever name. Raises `Unauthenticated`, `Forbidden`, `NotFound` for the team."""
    await require_team(place, require_account(who, Scope.TEAMS), team_id, TeamVerb.CHANGE_PEOPLE)
    now_ms, most = place.clock.now_ms(), place.accounts.rules.teams_each
    asked = await place.store.accounts.invite_to_team(team_id, login.strip().lower(), role, now_ms, by=who.name, most=most)
    await note_team(place, who, "team.invited", team_id, account=asked or "", role=role.value)


async def take_back_invitation(place: Place, who: Identity, team_id: str, login: str) -> None:
    """Raises `Unauthenticated`, `Forbidden`, `NotFound` for the team."""
    await require_team(place, require_account(who, Scope.TEAMS), team_id, TeamVerb.CHANGE_PEOPLE)
    await place.store.accounts.take_back_invitation(team_id, login.strip().lower())
    await note_team(place, who, "team.invitation_taken_back", team_id)


async def own_invitations(place: Place, who: Identity) -> Sequence[TeamInvitation]:
    """Those that the caller has not answered. Raises `Unauthenticated`, `Forbidden`."""
    return await place.store.accounts.team_invitations(require_account(who, Scope.TEAMS))


async def answer_team(place: Place, who: Identity, team_id: str, *, yes: bool) -> None:
    """Come into the team, or do not.

    Raises `Unauthenticated`, `Forbidden`, `NotFound` if nobody asked, `Conflict` if the team is full or one is in too many.
    """
    mine, rules = require_account(who, Scope.TEAMS), place.accounts.rules
    now_ms, people, teams = place.clock.now_ms(), rules.people_per_team, rules.teams_each
    role = await place.store.accounts.answer_team(team_id, mine, now_ms, yes=yes, most_people=people, most_teams=teams)
    await note_team(place, who, "team.joined" if yes else "team.declined", team_id, account=mine, role=role.value)
