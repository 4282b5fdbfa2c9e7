"""`/healthz`: the process lives. `/readyz`: it takes people in; what does not work, where programs cannot be run, it names."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from fourhands import __version__
from fourhands.actions.place import Place
from fourhands.errors import Unavailable
from fourhands.room.journal import Journal


class Health(BaseModel):
    status: str
    version: str


class Readiness(Health):
    off: list[str] = Field(description="What does not work here and why, a sentence each; everything else does.")


def health_router(place: Place, journal: Journal) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/healthz", summary="The process lives")
    async def healthz(response: Response) -> Health:
        response.headers["Cache-Control"] = "no-store"
        return Health(status="ok", version=__version__)

    @router.get(
        "/readyz",
        summary="Everything that is needed to serve is there",
        responses={503: {"description": "Not yet, the database is away, or the server stops or is drained"}},
    )
    async def readyz(request: Request, response: Response) -> Readiness:
        response.headers["Cache-Control"] = "no-store"
        if request.app.state.stopping:
            raise Unavailable("The server stops.", "server")
        place.mode.require_ready()
        await place.store.room("readyz")
        if journal.failed:
            raise Unavailable("The journal cannot be written at the moment.", "database")
        if place.executor.is_pending:
            raise Unavailable("The sandbox is still being tested; it takes a moment.", "runner")
        off = [sentence for sentence in (place.mode.message, place.executor.why_not()) if sentence]
        return Readiness(status="ready", version=__version__, off=off)

    return router
