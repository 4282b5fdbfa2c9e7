"""`/api/rooms/{id}/members`: who is in, waits or was removed; roles, removal and letting in (hosts)."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from fourhands.actions.change_member import change_member, members_of
from fourhands.actions.place import Place
from fourhands.edge.http.address import address_of
from fourhands.edge.http.body import Body
from fourhands.edge.http.caller import Outside, canonical
from fourhands.edge.http.identity import asking
from fourhands.model.account import Scope
from fourhands.model.role import Role
from fourhands.model.room import Member, MemberState


class RoomMember(BaseModel):
    id: str
    name: str
    color: str
    role: Literal["viewer", "editor", "host"]
    state: Literal["in", "waiting", "removed"]
    joined_at: int = Field(description="Milliseconds since the epoch.")


class RoomMembers(BaseModel):
    members: list[RoomMember] = Field(description="Who is connected, who waits in the lobby, and the newest of those who were removed.")


class ChangeMember(Body):
    role: Literal["viewer", "editor", "host"] | None = None
    state: Literal["in", "removed"] | None = Field(None, description="`in`: let in who waits, or let back in; `removed`: refuse or remove.")


def members_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api/rooms", tags=["rooms"])

    @router.get("/{room_id}/members", summary="Who is in a room, waits or was removed (hosts)")
    async def everybody(request: Request, response: Response, room_id: str) -> RoomMembers:
        room_id = canonical(room_id)
        asks = await asking(request, place, outside, room_id, Scope.ROOMS_READ, writes=False)
        response.headers["Cache-Control"] = "no-store"
        return RoomMembers(members=[shown(member) for member in await members_of(place, room_id, asks.member_id)])

    @router.patch("/{room_id}/members/{member_id}", summary="Change somebody's role, let them in or remove them (hosts)")
    async def change(request: Request, room_id: str, member_id: str, body: ChangeMember) -> RoomMember:
        room_id = canonical(room_id)
        asks = await asking(request, place, outside, room_id, Scope.ROOMS_WRITE, writes=True)
        role = Role(body.role) if body.role else None
        state = MemberState(body.state) if body.state else None
        return shown(await change_member(place, room_id, asks.member_id, member_id, role=role, state=state, address=address_of(request)))

    return router


def shown(member: Member) -> RoomMember:
    """As hosts see them."""
    return RoomMember(id=member.id, name=member.name, color=member.color, role=member.role.value, state=member.state.value, joined_at=member.joined_at_ms)
