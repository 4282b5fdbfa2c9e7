"""`/api/admin`: what an administrator sees of the server. `admin_acts.py` has what they do, `admin_audit.py` the audit log and bans.

Tables are asked for again and again by a page that is open: each answer names its `tick`, and with it the next one holds only what changed.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from fourhands.actions.place import Place
from fourhands.desk.desk import Desk, Server
from fourhands.desk.figures import SAMPLE_SECONDS, Sample
from fourhands.desk.programs import Machine, OfLanguage, UnderWay
from fourhands.desk.rows import PersonRow, RoomRow
from fourhands.edge.http.admin_guard import REFUSED, admins
from fourhands.edge.http.caller import Outside
from fourhands.execution.queue import Lane
from fourhands.model.execution import Execution

LAST = (1 << 53) - 1

Since = Annotated[int, Query(ge=0, le=LAST, description="The `tick` of an earlier answer: only what changed since then is told.")]


class Stats(BaseModel):
    """The server as it is now, and its figures of the last hour."""

    now: int = Field(description="Milliseconds since the epoch.")
    sample_seconds: float = Field(description="Time between two samples.")
    server: Server
    samples: Sequence[Sample] = Field(description="Oldest first; those after `after`.")


class _Changes(BaseModel):
    tick: int = Field(description="Give it as `since` the next time.")
    whole: bool = Field(description="Whether `rows` are all there are; else they replace those of the same id, and `gone` are none any more.")
    gone: Sequence[str]


class Rooms(_Changes):
    """Rooms in memory."""

    rows: Sequence[RoomRow]


class People(_Changes):
    """Connections: a person with two tabs has two."""

    rows: Sequence[PersonRow]


class Executions(BaseModel):
    """Programs: `under_way` on the server now; `recent`: the newest that ended, in browsers too, newest first; `languages`: of the last hour.

    `queue`: how many wait, by lane, and `machines`: what runs them, of all servers that share a queue (`FOURHANDS_RUNNER=redis`)."""

    under_way: Sequence[UnderWay]
    recent: Sequence[Execution]
    languages: Sequence[OfLanguage]
    queue: Mapping[Lane, int]
    machines: Sequence[Machine]


def admin_router(place: Place, desk: Desk, outside: Outside) -> APIRouter:
    router = APIRouter(prefix="/api/admin", tags=["admin"], responses=REFUSED, dependencies=[admins(place, outside)])

    @router.get("/stats", response_model=Stats, summary="The server, and its figures of the last hour")
    async def stats(after: Annotated[int, Query(ge=0, le=LAST, description="Only samples later than this time (ms).")] = 0) -> Response:
        samples = desk.figures.samples(after)
        return _json({"now": place.clock.now_ms(), "sample_seconds": SAMPLE_SECONDS, "server": await desk.server(), "samples": samples})

    @router.get("/rooms", response_model=Rooms, summary="Rooms in memory")
    async def rooms(since: Since = 0) -> Response:
        return _json(await desk.rooms.changes(since))

    @router.get("/people", response_model=People, summary="Who is connected, and where")
    async def people(since: Since = 0) -> Response:
        return _json(await desk.people.changes(since))

    @router.get("/executions", response_model=Executions, summary="Programs that run, wait, and ended")
    async def executions() -> Response:
        return _json(await desk.programs.everywhere())

    return router


def _json(value: object) -> Response:
    """Written as it is: thousands of rows are not checked once more on their way out."""
    return Response(msgspec.json.encode(value), media_type="application/json", headers={"Cache-Control": "no-store"})
