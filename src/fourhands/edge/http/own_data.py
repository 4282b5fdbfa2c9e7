"""`/api/rooms/{id}/me` and `/api/me/export`: what is kept of the caller, to take away and to erase."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from fourhands.actions.own_data import export_account, export_own, forget_own_name, forget_own_words, own_in
from fourhands.actions.place import Place
from fourhands.edge.http.address import address_of
from fourhands.edge.http.caller import Outside, canonical
from fourhands.edge.http.headers import API_HEADERS
from fourhands.edge.http.identity import asking, require_account
from fourhands.errors import NotFound
from fourhands.model.account import Scope
from fourhands.model.audit import Who

LINES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/x-ndjson": {}}, "description": "Lines of JSON: who it is about, each entry that is by them, and how many there were."}
}


def own_data_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(tags=["privacy"])

    @router.get("/api/rooms/{room_id}/me/export", response_class=StreamingResponse, responses=LINES, summary="What the room holds of the caller (members)")
    async def export(request: Request, room_id: str) -> StreamingResponse:
        room_id = canonical(room_id)
        who = await asking(request, place, outside, room_id, Scope.ROOMS_READ, writes=False)
        own = await own_in(place, room_id, who.member_id)
        await place.audit.note("room.exported", Who.of_member(own.member, address_of(request)), room_id=room_id)
        return _lines(export_own(place, own), f"{room_id}-{own.member.id}.jsonl")

    @router.delete("/api/rooms/{room_id}/me/name", status_code=204, summary="Take the caller's name out of the room and its past (members)")
    async def forget_name(request: Request, room_id: str) -> Response:
        room_id = canonical(room_id)
        who = await asking(request, place, outside, room_id, Scope.ROOMS_WRITE, writes=True)
        own = await own_in(place, room_id, who.member_id)
        await forget_own_name(place, own, account_id=who.identity.account_id, address=address_of(request))
        return Response(status_code=204, headers=API_HEADERS)

    @router.delete("/api/rooms/{room_id}/me/words", status_code=204, summary="Erase what the caller said in chat and ran, from the room and its past (members)")
    async def forget_words(request: Request, room_id: str) -> Response:
        room_id = canonical(room_id)
        who = await asking(request, place, outside, room_id, Scope.ROOMS_WRITE, writes=True)
        await forget_own_words(place, await own_in(place, room_id, who.member_id), address=address_of(request))
        return Response(status_code=204, headers=API_HEADERS)

    @router.get("/api/me/export", response_class=StreamingResponse, responses=LINES, summary="What all rooms of the caller's account hold of them")
    async def export_all(request: Request) -> StreamingResponse:
        who = await require_account(request, place, outside, writes=False, scope=Scope.ROOMS_READ)
        account = await place.store.accounts.account(who.account_id or "")
        if account is None:
            raise NotFound("There is no such account any more.")
        await place.audit.note("account.exported", Who("account", account.id, account.login, address_of(request)))
        return _lines(export_account(place, account), "fourhands-export.jsonl")

    return router


def _lines(lines: AsyncIterator[str], name: str) -> StreamingResponse:
    headers = {**API_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)
