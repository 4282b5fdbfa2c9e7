"""`/api/rooms/{id}/runs`: run a room's files on the server, and what was run."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from fourhands.actions.place import Place
from fourhands.actions.run_in_room import run_for, runs_of
from fourhands.edge.http.address import address_of
from fourhands.edge.http.body import Body
from fourhands.edge.http.caller import Outside, canonical
from fourhands.edge.http.headers import API_HEADERS
from fourhands.edge.http.identity import asking
from fourhands.model.account import Scope
from fourhands.model.ids import new_run_id
from fourhands.protocol.runs import RunAsk


class StartRun(Body):
    file: str = Field("main", max_length=255, description="Id of the file that is run; the others lie beside it.")
    language: str | None = Field(None, max_length=64, description="Another language than the file's own.")
    args: list[Annotated[str, Field(max_length=65_536)]] = Field(default_factory=list, max_length=256)
    stdin: str = Field("", max_length=1_048_576, description="All of its input.")


class RunStarted(BaseModel):
    run: dict[str, Any] = Field(description="The run, as docs/protocol.md describes it.")


class RoomRuns(BaseModel):
    runs: list[dict[str, Any]] = Field(description="The newest, oldest first, those under way too; older ones without their output where it is much.")


def runs_router(place: Place, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api/rooms", tags=["rooms"])

    @router.post("/{room_id}/runs", status_code=202, response_model=RunStarted, summary="Run the room's files on the server (hosts and editors)")
    async def start(request: Request, room_id: str, body: StartRun) -> Response:
        room_id = canonical(room_id)
        asks = await asking(request, place, outside, room_id, Scope.RUNS, writes=True)
        asked = RunAsk(new_run_id(), body.file, body.language, body.args, body.stdin)
        run = await run_for(place, room_id, asks.member_id, asked, address_of(request))
        return _answer({"run": run}, 202)

    @router.get("/{room_id}/runs", response_model=RoomRuns, summary="What was run in a room, and runs (members)")
    async def past(request: Request, room_id: str) -> Response:
        room_id = canonical(room_id)
        asks = await asking(request, place, outside, room_id, Scope.ROOMS_READ, writes=False)
        return _answer({"runs": await runs_of(place, room_id, asks.member_id)}, 200)

    return router


def _answer(told: object, status: int) -> Response:
    return Response(msgspec.json.encode(told), status, API_HEADERS, "application/json")
