"""`/healthz`: the process lives. `/readyz`: it can serve all that it is set to."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from fourhands import __version__
from fourhands.actions.place import Place
from fourhands.errors import Unavailable
from fourhands.room.journal import Journal


class Health(BaseModel):
    status: str
    version: str


def health_router(place: Place, journal: Journal) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/healthz", summary="The process lives")
    async def healthz(response: Response) -> Health:
        response.headers["Cache-Control"] = "no-store"
        return Health(status="ok", version=__version__)

    @router.get("/readyz", summary="Everything that is needed to serve is there", responses={503: {"description": "The database is not, or the server stops"}})
    async def readyz(request: Request, response: Response) -> Health:
        response.headers["Cache-Control"] = "no-store"
        if request.app.state.stopping:
            raise Unavailable("The server stops.", "server")
        await place.store.room("readyz")
        if journal.failed:
            raise Unavailable("The journal cannot be written at the moment.", "database")
        return Health(status="ready", version=__version__)

    return router
