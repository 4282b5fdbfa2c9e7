"""`/api/languages`: what can be written, and what can be run where. The same for all, so it is packed once until it changes."""

import gzip
import hashlib
from collections.abc import Iterable
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, TypeAdapter

from fourhands.actions.place import Place
from fourhands.edge.http.pages import ASK_EACH_TIME, Resource
from fourhands.execution.languages import Language
from fourhands.execution.languages.packages import lacking_sentence
from fourhands.execution.port import Runtime


class OnServer(BaseModel):
    """What runs a language on the server."""

    name: str = Field(description='What it is called: "GCC", "Node.js".')
    version: str
    libraries: list[str] = Field(description="What it has besides, of what fourhands knows to use.")
    compiled: bool = Field(description="Whether it is compiled before it runs.")
    repl: bool = Field(description="Whether lines can be typed into it one by one.")


class LanguageShown(BaseModel):
    id: str
    name: str
    extension: str
    mode: str
    aliases: list[str]
    runtime: str | None = Field(description="What runs it in the browser.")
    where: list[Literal["browser", "server"]]
    server: OnServer | None
    why: str = Field(description="Why the server does not run it, and what to do; empty where it does, and for what is only written.")
    sample: str


def languages_router(place: Place) -> APIRouter:
    router = APIRouter(tags=["languages"])
    shelf = Shelf(place.languages)

    @router.get("/api/languages", response_model=list[LanguageShown], summary="What can be written, and what can be run where")
    async def languages(request: Request) -> Response:
        return shelf.resource(place.executor.runtimes(), place.executor.why_not()).answer(request, {})

    return router


class Shelf:
    """Holds the answer, packed, as long as what it says is so."""

    def __init__(self, languages: tuple[Language, ...]) -> None:
        self._languages = languages
        self._said: tuple[tuple[Runtime, ...], str] | None = None
        self._resource: Resource | None = None

    def resource(self, runtimes: tuple[Runtime, ...], why_not: str) -> Resource:
        if self._resource is None or self._said != (runtimes, why_not):
            body = TypeAdapter(list[LanguageShown]).dump_json(show_languages(self._languages, runtimes, why_not))
            tag = hashlib.sha256(body).hexdigest()[:20]
            self._resource = Resource({"": body, "gzip": gzip.compress(body, 9, mtime=0)}, "application/json", ASK_EACH_TIME, tag)
            self._said = (runtimes, why_not)
        return self._resource


def show_languages(languages: Iterable[Language], runtimes: Iterable[Runtime], why_not: str) -> list[LanguageShown]:
    """Each language with where it runs. `why_not`: why the server runs nothing now; empty where it does."""
    named: dict[str, Runtime] = {}
    for runtime in runtimes:
        for name in (runtime.language, *runtime.aliases):
            named.setdefault(name, runtime)
    return [_shown(one, next((named[name] for name in (one.id, one.piston, *one.aliases) if name in named), None), why_not) for one in languages]


def _shown(one: Language, runtime: Runtime | None, why_not: str) -> LanguageShown:
    where: list[Literal["browser", "server"]] = ["browser"] if one.runtime else []
    server = None
    if runtime:
        where.append("server")
        server = OnServer(
            name=runtime.runtime or runtime.language,
            version=runtime.version,
            libraries=list(runtime.libraries),
            compiled=runtime.compiled,
            repl=runtime.repl,
        )
    return LanguageShown(
        id=one.id,
        name=one.name,
        extension=one.extension,
        mode=one.mode,
        aliases=list(one.aliases),
        runtime=one.runtime,
        where=where,
        server=server,
        why="" if server or not one.recipes else why_not or lacking_sentence(one),
        sample=one.sample,
    )
