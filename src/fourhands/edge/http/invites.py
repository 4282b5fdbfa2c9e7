"""`/api/rooms/{id}/invites`: a room's invitation links (hosts)."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from fourhands.actions.change_invites import invites_of, make_invite, revoke_invite
from fourhands.actions.place import Place
from fourhands.edge.http.address import address_of
from fourhands.edge.http.body import Body
from fourhands.edge.http.caller import Outside, base_url, canonical
from fourhands.edge.http.identity import asking
from fourhands.model.account import Scope
from fourhands.model.role import Role
from fourhands.model.room import Invite

LAST_MS = (1 << 53) - 1


class RoomInvite(BaseModel):
    id: str = Field(description="For a standing invitation its role's word.")
    role: Literal["viewer", "editor", "host"]
    link: str
    label: str
    made_at: int = Field(description="Milliseconds since the epoch.")
    expires_at: int | None
    single_use: bool
    used_at: int | None = Field(description="When somebody last came in by it.")
    revoked_at: int | None
    good: bool = Field(description="Whether it lets anybody in.")


class RoomInvites(BaseModel):
    invites: list[RoomInvite]


class MakeInvite(Body):
    role: Literal["viewer", "editor", "host"]
    label: str = Field("", max_length=1000, description="For whom it is; hosts see it.")
    single_use: bool = Field(False, description="Good for one person.")
    expires_at: int | None = Field(None, ge=1, le=LAST_MS, description="Milliseconds since the epoch; null: good until it is revoked.")


def invites_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api/rooms", tags=["rooms"])

    def shown(invite: Invite, base: str) -> RoomInvite:
        return RoomInvite(
            id=invite.id,
            role=invite.role.value,
            link=f"{base}/r/{invite.room_id}#{invite.key}",
            label=invite.label,
            made_at=invite.made_at_ms,
            expires_at=invite.expires_at_ms,
            single_use=invite.single_use,
            used_at=invite.used_at_ms,
            revoked_at=invite.revoked_at_ms,
            good=invite.is_good(place.clock.now_ms()),
        )

    @router.get("/{room_id}/invites", summary="A room's invitation links (hosts)")
    async def every(request: Request, response: Response, room_id: str) -> RoomInvites:
        room_id = canonical(room_id)
        asks = await asking(request, place, outside, room_id, Scope.ROOMS_WRITE, writes=False)  # whoever has a link may use it
        response.headers["Cache-Control"] = "no-store"
        base = base_url(request, outside)
        return RoomInvites(invites=[shown(invite, base) for invite in await invites_of(place, room_id, asks.member_id)])

    @router.post("/{room_id}/invites", status_code=201, summary="Make an invitation link (hosts)")
    async def make(request: Request, response: Response, room_id: str, body: MakeInvite) -> RoomInvite:
        room_id = canonical(room_id)
        member_id = (await asking(request, place, outside, room_id, Scope.ROOMS_WRITE, writes=True)).member_id
        invite = await make_invite(
            place,
            room_id,
            member_id,
            role=Role(body.role),
            label=body.label,
            single_use=body.single_use,
            expires_at_ms=body.expires_at,
            address=address_of(request),
        )
        response.headers["Cache-Control"] = "no-store"
        return shown(invite, base_url(request, outside))

    @router.delete("/{room_id}/invites/{invite_id}", summary="Revoke an invitation link; a standing one gets another key (hosts)")
    async def revoke(request: Request, response: Response, room_id: str, invite_id: str) -> RoomInvite:
        room_id = canonical(room_id)
        asks = await asking(request, place, outside, room_id, Scope.ROOMS_WRITE, writes=True)
        invite = await revoke_invite(place, room_id, asks.member_id, invite_id, address=address_of(request))
        response.headers["Cache-Control"] = "no-store"
        return shown(invite, base_url(request, outside))

    return router
