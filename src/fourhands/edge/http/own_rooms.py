"""`/api/me/rooms`: the rooms of an account, to look through and to put aside. They are renamed and ended by `/api/rooms`."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from fourhands.access.identity import require_account
from fourhands.actions.list_own_rooms import list_own_rooms
from fourhands.actions.place import Place
from fourhands.edge.http.body import Body
from fourhands.edge.http.caller import Outside, base_url, canonical
from fourhands.edge.http.identity import identity
from fourhands.model.account import OwnRoom, Scope


class ChangeOwnRoom(Body):
    archived: bool = Field(description="Put it aside in one's own list, or take it back.")


class OwnRoomShown(BaseModel):
    id: str
    title: str
    language: str
    url: str
    role: Literal["viewer", "editor", "host"] | None = Field(description="What one is there; null: it is a team's, and one has not been there yet.")
    team: str | None
    people: int = Field(description="How many have joined it.")
    here: int = Field(description="How many are connected now.")
    ephemeral: bool
    created_at: int = Field(description="Milliseconds since the epoch.")
    used_at: int
    archived: bool


class OwnRooms(BaseModel):
    rooms: list[OwnRoomShown]
    after: str | None = Field(description="Where the next page begins; null: there is none. A page may be short or empty, and not the last.")


def own_rooms_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api/me/rooms", tags=["accounts"])

    @router.get("", summary="One's rooms, those used last first")
    async def rooms(
        request: Request, *, search: str = "", archived: bool = False, team: str | None = None, after: str | None = None, limit: int = 50
    ) -> OwnRooms:
        who = await identity(request, place, outside, writes=False)
        limit = min(max(limit, 1), 100)
        page = await list_own_rooms(place, who, search=search[:200], archived=archived, team_id=team, after=after, limit=limit)
        base = base_url(request, outside)
        return OwnRooms(rooms=[_shown(room, page.here.get(room.id, 0), base) for room in page.rooms], after=page.after)

    @router.patch("/{room_id}", status_code=204, summary="Put a room aside, or take it back")
    async def change(request: Request, room_id: str, body: ChangeOwnRoom) -> None:
        account_id = require_account(await identity(request, place, outside, writes=True), Scope.ROOMS_WRITE)
        await place.store.accounts.archive(account_id, canonical(room_id), place.clock.now_ms() if body.archived else None)

    @router.delete("/{room_id}", status_code=204, summary="Take a room out of one's list; it stays for the others")
    async def leave(request: Request, room_id: str) -> None:
        account_id = require_account(await identity(request, place, outside, writes=True), Scope.ROOMS_WRITE)
        await place.store.accounts.leave(account_id, canonical(room_id))

    return router


def _shown(room: OwnRoom, here: int, base: str) -> OwnRoomShown:
    return OwnRoomShown.model_validate(
        {
            "id": room.id,
            "title": room.title,
            "language": room.language,
            "url": f"{base}/r/{room.id}",
            "role": room.role,
            "team": room.team,
            "people": room.people,
            "here": here,
            "ephemeral": room.ephemeral,
            "created_at": room.created_at_ms,
            "used_at": room.last_used_at_ms,
            "archived": room.archived_at_ms is not None,
        }
    )
