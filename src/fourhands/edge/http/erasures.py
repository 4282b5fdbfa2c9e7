"""`/api/rooms/{id}/erasures`: a host looks where a text stands in a room and its past, and erases it."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from fourhands.actions.erase_text import Report, erase_text, find_text
from fourhands.actions.place import Place
from fourhands.edge.http.address import address_of
from fourhands.edge.http.body import Body
from fourhands.edge.http.caller import Outside, canonical
from fourhands.edge.http.headers import API_HEADERS
from fourhands.edge.http.identity import asking
from fourhands.model.account import Scope


class Erasure(Body):
    text: str = Field(max_length=1_000_000, description="What is to be erased, letter by letter as it stood; white space at its ends does not count.")
    dry_run: bool = Field(False, description="Only look where it stands.")


class Erased(BaseModel):
    dry_run: bool = Field(description="Nothing was changed.")
    times: int = Field(description="How often it was found in all.")
    texts: dict[str, int] = Field(
        description="How often it stood in texts, now or ever, by the file's id; an empty one: it was written in a row and not seen to stand anywhere."
    )
    now: int = Field(description="How many of them stand there now.")
    values: int = Field(description="In names of files, formats and other values of the document.")
    named: int = Field(description="Files and types whose id holds it: they go whole.")
    chat: int = Field(description="In chat messages.")
    runs: int = Field(description="In runs: their output, arguments, pages.")
    names: int = Field(description="In names of people and invitations, and in other entries of the journal.")
    title: int = Field(description="In the room's title.")
    pieces: int = Field(description="Longer parts of it (half or more) that were written without the rest. They stay: erase each by its own text.")
    clean: bool | None = Field(
        description="Whether the server's files held nothing of it when this was said; if not, they do within seconds. Null in a dry run."
    )


def erasures_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api/rooms", tags=["rooms"])

    @router.post("/{room_id}/erasures", response_model=Erased, summary="Erase a text from a room and its past, or look where it stands (hosts)")
    async def erasure(request: Request, response: Response, room_id: str, body: Erasure) -> Erased:
        room_id = canonical(room_id)
        member_id = (await asking(request, place, outside, room_id, Scope.ROOMS_WRITE, writes=True)).member_id
        response.headers.update(API_HEADERS)
        if body.dry_run:
            return _told(await find_text(place, room_id, member_id, body.text))
        return _told(await erase_text(place, room_id, member_id, body.text, address=address_of(request)))

    return router


def _told(report: Report) -> Erased:
    found = report.document
    return Erased(
        dry_run=report.clean is None,
        times=report.times,
        texts=dict(found.texts),
        now=found.now,
        values=found.values,
        named=len(found.names),
        chat=report.chat,
        runs=report.runs,
        names=report.names,
        title=report.title,
        pieces=found.pieces,
        clean=report.clean,
    )
