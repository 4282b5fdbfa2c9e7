"""`/api/rooms/{id}/files/{file}`: a file's text as it is now, as text."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from fourhands.actions.place import Place
from fourhands.actions.read_files import read_file
from fourhands.edge.http.caller import Outside, caller, canonical
from fourhands.edge.http.headers import API_HEADERS


def files_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api/rooms", tags=["rooms"])

    @router.get("/{room_id}/files/{file_id:path}", summary="The text of a file (members)", response_class=PlainTextResponse)
    async def text(request: Request, room_id: str, file_id: str) -> PlainTextResponse:
        room_id = canonical(room_id)
        claims = caller(request, place, outside, room_id, writes=False)
        found = await read_file(place, room_id, claims.member_id if claims else None, file_id)
        return PlainTextResponse(found.encode(errors="replace"), headers=API_HEADERS)

    return router
