"""`/api/languages`: what can be written, and what can be run where. The same for all, so it is packed once."""

import gzip
import hashlib

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, TypeAdapter

from fourhands.actions.place import Place
from fourhands.edge.http.pages import ASK_EACH_TIME, Resource


class LanguageShown(BaseModel):
    id: str
    name: str
    extension: str
    mode: str
    runtime: str | None
    where: list[str]
    sample: str


def languages_router(place: Place) -> APIRouter:
    router = APIRouter(tags=["languages"])
    shown = [
        LanguageShown(
            id=one.id,
            name=one.name,
            extension=one.extension,
            mode=one.mode,
            runtime=one.runtime,
            where=["browser"] if one.runtime else [],
            sample=one.sample,
        )
        for one in place.languages
    ]

    body = TypeAdapter(list[LanguageShown]).dump_json(shown)
    tag = hashlib.sha256(body).hexdigest()[:20]
    resource = Resource({"": body, "gzip": gzip.compress(body, 9, mtime=0)}, "application/json", ASK_EACH_TIME, tag)

    @router.get("/api/languages", response_model=list[LanguageShown], summary="What can be written, and what can be run where")
    async def languages(request: Request) -> Response:
        return resource.answer(request, {})

    return router
