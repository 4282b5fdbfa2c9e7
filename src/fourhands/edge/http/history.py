"""`/api/rooms/{id}/history`: what happened in a room, in order, and its texts as they stood at any time."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from fourhands.actions.place import Place
from fourhands.actions.read_history import LAST_MS, Events, Standing, read_history, seek_history, told
from fourhands.edge.http.caller import Outside, canonical
from fourhands.edge.http.headers import API_HEADERS
from fourhands.edge.http.identity import asking
from fourhands.errors import InvalidRequest
from fourhands.model.account import Scope

_RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)([Zz]|[+ -]\d\d:\d\d)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class HistoryEvent(BaseModel):
    position: int = Field(description="Its place in the room's one order: 1, 2, 3 and so on, for good.")
    kind: Literal["edit", "chat", "run", "member", "client", "room"]
    at: int = Field(description="Milliseconds since the epoch.")
    member: str | None = Field(description="Whose doing it was.")
    data: dict[str, Any] = Field(description='An edit: {"update": a Yjs v1 update in base64}; anything else: what the room was told.')


class HistoryEvents(BaseModel):
    events: list[HistoryEvent]
    next: int | None = Field(description="Read on with `after` of this; null at the end of what is durable.")


class FileThen(BaseModel):
    id: str
    name: str
    language: str
    text: str


class HistoryStanding(BaseModel):
    at: int = Field(description="The time that was asked for, in milliseconds since the epoch.")
    position: int = Field(description="The last event that counts here.")
    files: list[FileThen]


def history_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api/rooms", tags=["rooms"])
    most = place.limits.history_events

    @router.get("/{room_id}/history", response_model=HistoryEvents | HistoryStanding, summary="What happened in a room, or its texts at a time (members)")
    async def history(
        request: Request,
        room_id: str,
        after: Annotated[int | None, Query(ge=0, le=LAST_MS, description="Events behind this position; 0: from the beginning, which is the default.")] = None,
        limit: Annotated[int | None, Query(ge=1, le=most, description=f"At most so many events; {most} unless said.")] = None,
        at: Annotated[
            str | None, Query(max_length=64, description="Instead of events the files' texts as they stood then: RFC 3339 or milliseconds since the epoch.")
        ] = None,
    ) -> Response:
        room_id = canonical(room_id)
        member_id = (await asking(request, place, outside, room_id, Scope.ROOMS_READ, writes=False)).member_id
        if at is None:
            return _answer(_events(await read_history(place, room_id, member_id, after=after or 0, limit=limit or most)))
        if after is not None or limit is not None:
            raise InvalidRequest("Ask for events (`after`, `limit`) or for the texts at a time (`at`), not for both.")
        at_ms = read_time(at)
        return _answer(_standing(at_ms, await seek_history(place, room_id, member_id, at_ms=at_ms)))

    return router


def read_time(text: str) -> int:
    """Milliseconds since the epoch, written so or as RFC 3339. Raises `InvalidRequest`."""
    if re.fullmatch(r"[0-9]{1,16}", text):
        return int(text)
    if found := _RFC_3339.fullmatch(text):
        day, time, zone = found.groups()
        zone = zone.replace(" ", "+").upper()  # a + that was not escaped in the address
        try:
            return (datetime.fromisoformat(f"{day}T{time}{zone}") - _EPOCH) // _MILLISECOND
        except (ValueError, OverflowError):
            pass
    raise InvalidRequest("A time is written as 2026-05-04T10:30:00Z (RFC 3339) or in milliseconds since the epoch.")


_MILLISECOND = datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC) - _EPOCH


def _answer(body: dict[str, object]) -> Response:
    """Encoded by msgspec: an answer may hold a thousand events."""
    return Response(msgspec.json.encode(body), media_type="application/json", headers=API_HEADERS)


def _events(found: Events) -> dict[str, object]:
    return {"events": [told(entry) for entry in found.entries], "next": found.next_after}


def _standing(at_ms: int, found: Standing) -> dict[str, object]:
    files = [{"id": file.id, "name": file.name, "language": file.language, "text": text} for file, text in found.files]
    return {"at": at_ms, "position": found.position, "files": files}
