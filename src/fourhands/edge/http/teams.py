"""`/api/teams`: teams of accounts. A team's rooms are listed by `/api/me/rooms?team=`, and opened by `/api/rooms`."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from fourhands.actions.change_team import delete_team, make_team, own_teams, put_team_member, remove_team_member, rename_team, show_team
from fourhands.actions.invite_to_team import answer_team, invite_to_team, own_invitations, take_back_invitation
from fourhands.actions.place import Place
from fourhands.edge.http.body import Body
from fourhands.edge.http.caller import Outside
from fourhands.edge.http.identity import identity
from fourhands.model.account import OwnTeam, TeamInvitation, TeamMember, TeamRole

RoleName = Literal["owner", "member"]


class NameTeam(Body):
    name: str = Field(max_length=1000)


class PutTeamMember(Body):
    role: RoleName = Field(description="Owners change the team, and are hosts in its rooms; members are editors there.")


class InviteToTeam(Body):
    login: str = Field(min_length=1, max_length=64, description="The name that they log in with.")
    role: RoleName = "member"


class TeamShown(BaseModel):
    id: str
    name: str
    role: RoleName = Field(description="What one is in it.")
    members: int = Field(description="How many are in it.")
    rooms: int


class InvitationShown(BaseModel):
    team: str
    name: str
    role: RoleName = Field(description="What one would be in it.")
    by: str = Field(description="The name of the owner who asks.")
    at: int = Field(description="Milliseconds since the epoch.")


class Teams(BaseModel):
    teams: list[TeamShown]
    invitations: list[InvitationShown] = Field(
        description="Teams that ask one in, the newest first; `POST` or `DELETE` `/api/teams/{team}/invitation` answers."
    )


class TeamMemberShown(BaseModel):
    account: str
    login: str
    name: str
    color: str
    role: RoleName
    joined_at: int = Field(description="Milliseconds since the epoch.")


class TeamAndPeople(BaseModel):
    id: str
    name: str
    role: RoleName = Field(description="What one is in it.")
    created_at: int = Field(description="Milliseconds since the epoch.")
    members: list[TeamMemberShown] = Field(description="In the order of joining.")


def teams_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api/teams", tags=["teams"])

    @router.get("", summary="One's teams")
    async def every(request: Request) -> Teams:
        who = await identity(request, place, outside, writes=False)
        invitations = [_invitation(one) for one in await own_invitations(place, who)]
        return Teams(teams=[_team(own) for own in await own_teams(place, who)], invitations=invitations)

    @router.post("", status_code=201, summary="Make a team; one is its owner")
    async def make(request: Request, body: NameTeam) -> TeamShown:
        return _team(await make_team(place, await identity(request, place, outside, writes=True), name=body.name))

    @router.get("/{team_id}", summary="A team, and who is in it")
    async def show(request: Request, team_id: str) -> TeamAndPeople:
        team, role, people = await show_team(place, await identity(request, place, outside, writes=False), team_id)
        return TeamAndPeople(id=team.id, name=team.name, role=role.value, created_at=team.created_at_ms, members=[_member(one) for one in people])

    @router.patch("/{team_id}", status_code=204, summary="Rename a team (owners)")
    async def rename(request: Request, team_id: str, body: NameTeam) -> None:
        await rename_team(place, await identity(request, place, outside, writes=True), team_id, name=body.name)

    @router.delete("/{team_id}", status_code=204, summary="Delete a team (owners); its rooms stay, and are no team's")
    async def delete(request: Request, team_id: str) -> None:
        await delete_team(place, await identity(request, place, outside, writes=True), team_id)

    @router.post(
        "/{team_id}/invitations", status_code=204, summary="Ask somebody into the team (owners); the answer is the same if nobody logs in by that name"
    )
    async def invite(request: Request, team_id: str, body: InviteToTeam) -> None:
        await invite_to_team(place, await identity(request, place, outside, writes=True), team_id, body.login, TeamRole(body.role))

    @router.delete("/{team_id}/invitations/{login}", status_code=204, summary="Ask them no more (owners)")
    async def take_back(request: Request, team_id: str, login: str) -> None:
        await take_back_invitation(place, await identity(request, place, outside, writes=True), team_id, login)

    @router.post("/{team_id}/invitation", status_code=204, summary="Come into a team that asks one in")
    async def accept(request: Request, team_id: str) -> None:
        await answer_team(place, await identity(request, place, outside, writes=True), team_id, yes=True)

    @router.delete("/{team_id}/invitation", status_code=204, summary="Do not come into a team that asks one in")
    async def decline(request: Request, team_id: str) -> None:
        await answer_team(place, await identity(request, place, outside, writes=True), team_id, yes=False)

    @router.put("/{team_id}/members/{login}", summary="Give somebody of the team another role (owners)")
    async def put(request: Request, team_id: str, login: str, body: PutTeamMember) -> TeamMemberShown:
        return _member(await put_team_member(place, await identity(request, place, outside, writes=True), team_id, login, TeamRole(body.role)))

    @router.delete("/{team_id}/members/{login}", status_code=204, summary="Remove somebody (owners), or leave; the last one to go takes the team along")
    async def remove(request: Request, team_id: str, login: str) -> None:
        await remove_team_member(place, await identity(request, place, outside, writes=True), team_id, login)

    return router


def _team(own: OwnTeam) -> TeamShown:
    return TeamShown(id=own.team.id, name=own.team.name, role=own.role.value, members=own.people, rooms=own.rooms)


def _invitation(one: TeamInvitation) -> InvitationShown:
    return InvitationShown(team=one.team_id, name=one.team_name, role=one.role.value, by=one.by, at=one.at_ms)


def _member(member: TeamMember) -> TeamMemberShown:
    return TeamMemberShown(
        account=member.account_id, login=member.login, name=member.name, color=member.color, role=member.role.value, joined_at=member.joined_at_ms
    )
