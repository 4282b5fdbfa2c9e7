"""`/api/rooms/{id}/files/{file}`: a file's text as it is now, as text."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from fourhands.actions.place import Place
from fourhands.actions.read_files import read_file
from fourhands.edge.http.caller import Outside, canonical
from fourhands.edge.http.headers import API_HEADERS
from fourhands.edge.http.identity import asking
from fourhands.model.account import Scope


def files_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api/rooms", tags=["rooms"])

    @router.get("/{room_id}/files/{file_id:path}", summary="The text of a file (members)", response_class=PlainTextResponse)
    async def text(request: Request, room_id: str, file_id: str) -> PlainTextResponse:
        room_id = canonical(room_id)
        asked = await asking(request, place, outside, room_id, Scope.ROOMS_READ, writes=False)
        found = await read_file(place, room_id, asked.member_id, file_id)
        return PlainTextResponse(found.encode(errors="replace"), headers=API_HEADERS)

    return router
