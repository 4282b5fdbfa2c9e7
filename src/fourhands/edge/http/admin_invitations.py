"""`/api/admin/invitations`: links by which one person each may register. `fourhands admin invite` makes the same."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from fourhands.actions.admin_invite import SHOWN_MOST, invite, inviters, uninvite
from fourhands.actions.place import Place
from fourhands.edge.http.admin_guard import REFUSED, admins, who
from fourhands.edge.http.body import Body
from fourhands.edge.http.caller import Outside, base_url
from fourhands.model.account import AccountInvite


class MakeInvitation(Body):
    days: float | None = Field(None, gt=0, le=366, description="How long it is good; null: as FOURHANDS_ACCOUNT_INVITE_DAYS says.")


class InvitationShown(BaseModel):
    id: str
    by: str | None = Field(description="The account that made it; null: the operator at the server.")
    made_by: str | None = Field(description="That account's login name; null: the operator, or an account that was deleted.")
    created_at: int = Field(description="Milliseconds since the epoch.")
    expires_at: int
    used_by: str | None = Field(description="The account that was made by it.")
    good: bool = Field(description="Whether somebody may register by it now.")


class InvitationMade(InvitationShown):
    link: str = Field(description="Told this once; the key stands behind its #.")


class Invitations(BaseModel):
    invitations: list[InvitationShown] = Field(description="The newest first.")


def admin_invitations_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api/admin/invitations", tags=["admin"], responses=REFUSED, dependencies=[admins(place, outside)])

    def shown(made: AccountInvite, logins: Mapping[str, str]) -> InvitationShown:
        good = made.used_by is None and made.expires_at_ms > place.clock.now_ms()
        return InvitationShown(
            id=made.id,
            by=made.by,
            made_by=logins.get(made.by or ""),
            created_at=made.created_at_ms,
            expires_at=made.expires_at_ms,
            used_by=made.used_by,
            good=good,
        )

    @router.get("", summary="Invitations to register, without their keys")
    async def every() -> Invitations:
        found = await place.store.accounts.invites(SHOWN_MOST)
        logins = await inviters(place, found)
        return Invitations(invitations=[shown(made, logins) for made in found])

    @router.post("", status_code=201, summary="Make a link by which one person may register")
    async def make(request: Request, response: Response, body: MakeInvitation) -> InvitationMade:
        made, key = await invite(place, who(request), days=body.days)
        response.headers["Cache-Control"] = "no-store"
        return InvitationMade(link=f"{base_url(request, outside)}/register#{key}", **shown(made, await inviters(place, [made])).model_dump())

    @router.delete("/{invitation_id}", status_code=204, responses={404: {"description": "There is none"}}, summary="Revoke an invitation")
    async def revoke(request: Request, invitation_id: Annotated[str, Path(max_length=64)]) -> None:
        await uninvite(place, who(request), invitation_id)

    return router
