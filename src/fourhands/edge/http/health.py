"""`/healthz`: the process lives. `/readyz`: it takes people in; what does not work besides, it names. Each probe has its time.

Without its database an instance can do nothing, so it is not ready. The rest (Redis, pages, programs) makes it unready only where the operator says so: when
Redis is away it is away for all instances, and a balancer that took all of them out would end what still works.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from fourhands import __version__
from fourhands.actions.place import Place
from fourhands.errors import Unavailable
from fourhands.room.journal import Journal

PROBE_SECONDS = 2.0
NO_PAGES = "The pages are not there: build them with “make pages”, then start the server again."

Need = Literal["redis", "pages", "programs"]
Probe = Callable[[], Awaitable[str]]
"""Why something does not work, as a sentence; empty if it does."""


class Health(BaseModel):
    status: str
    version: str


class Readiness(Health):
    off: list[str] = Field(description="What does not work here and why, a sentence each; everything else does.")


def health_router(place: Place, journal: Journal, *, needs: Collection[Need] = (), has_pages: bool = True) -> APIRouter:
    """`needs`: what makes the server unready where it does not work, besides the database."""
    router = APIRouter(tags=["operations"])

    async def redis() -> str:
        if place.shared is None:
            return ""
        try:
            await asyncio.wait_for(place.shared.words(), PROBE_SECONDS)
        except (Unavailable, TimeoutError):
            return "Redis does not answer: people of a room who are at other instances are not reached, and limits count here alone."
        return ""

    async def pages() -> str:
        return "" if has_pages else NO_PAGES

    async def programs() -> str:
        return place.executor.why_not()

    probes: Mapping[Need, Probe] = {"redis": redis, "pages": pages, "programs": programs}

    @router.get("/healthz", summary="The process lives")
    async def healthz(response: Response) -> Health:
        response.headers["Cache-Control"] = "no-store"
        return Health(status="ok", version=__version__)

    @router.get(
        "/readyz",
        summary="Everything that is needed to serve is there",
        responses={503: {"description": "Not yet, the database is away, the server stops or is drained, or what FOURHANDS_READY_NEEDS names does not work"}},
    )
    async def readyz(request: Request, response: Response) -> Readiness:
        response.headers["Cache-Control"] = "no-store"
        if request.app.state.stopping:
            raise Unavailable("The server stops.", "server")
        place.mode.require_ready()
        if place.likeness is not None and place.likeness.problem:
            raise Unavailable(place.likeness.problem, "server")
        _, *said = await asyncio.gather(_database(place, journal), *(probe() for probe in probes.values()))
        if place.executor.is_pending:
            raise Unavailable("The sandbox is still being tested; it takes a moment.", "runner")
        problems: dict[Need, str] = {need: sentence for need, sentence in zip(probes, said, strict=True) if sentence}
        for need in needs:
            if need in problems:
                raise Unavailable(problems[need], need)
        problems.pop("pages", None)  # who opens one is told so there; whoever runs a server without them may not need them
        off = [sentence for sentence in (place.mode.message, *problems.values()) if sentence]
        return Readiness(status="ready", version=__version__, off=off)

    return router


async def _database(place: Place, journal: Journal) -> None:
    """Raises `Unavailable`."""
    try:
        await asyncio.wait_for(place.store.room("readyz"), PROBE_SECONDS)
    except TimeoutError:
        raise Unavailable(f"The database did not answer in {PROBE_SECONDS:g} seconds.", "database") from None
    if journal.failed:
        raise Unavailable("The journal cannot be written at the moment.", "database")
