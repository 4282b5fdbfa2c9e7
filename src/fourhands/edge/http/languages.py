"""`/api/languages`: what can be written, and what can be run where."""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from fourhands.actions.place import Place


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

    @router.get("/api/languages", summary="What can be written, and what can be run where")
    async def languages(response: Response) -> list[LanguageShown]:
        response.headers["Cache-Control"] = "no-cache"
        return shown

    return router
