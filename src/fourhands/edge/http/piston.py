"""Piston's API, `/api/v2/runtimes` and `/api/v2/execute`, so that its clients run programs here by a base URL and a token.

`/packages` does not exist: what a machine has is installed by who runs it. Failures are `{"message"}`, as Piston says them.
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.requests import HTTPConnection

from fourhands.access.account_tokens import PERSONAL
from fourhands.access.identity import require_scope
from fourhands.actions.count_run import counted
from fourhands.actions.identify import identify
from fourhands.actions.place import Place
from fourhands.actions.run_code import Order, run_code
from fourhands.edge.http.address import address_of
from fourhands.edge.http.error_map import STATUS
from fourhands.edge.http.headers import API_HEADERS
from fourhands.edge.http.piston_request import Offer, Wanted, offers, read_wanted
from fourhands.edge.http.piston_result import Stages
from fourhands.errors import FourhandsError, InvalidRequest, LimitExceeded, TooLarge, Unauthenticated, Unavailable
from fourhands.execution.executor import AdmittedRun, Rate
from fourhands.model.account import Scope

NO_TOKENS = "There are no tokens for this API: set FOURHANDS_API_TOKENS, and restart."
NO_TOKEN = "This API needs a token of FOURHANDS_API_TOKENS, as  Authorization: Bearer TOKEN"  # noqa: S105 - a sentence
JSON_ONLY = "requests must be of type application/json"


class ApiTokens:
    """Who may use the API. A token is compared in the same time whatever is wrong with it."""

    def __init__(self, tokens: tuple[str, ...]) -> None:
        self._digests = [hashlib.sha256(token.encode()).digest() for token in tokens]

    def holder(self, headers: Mapping[str, str]) -> str:
        """Who calls: a name that stands for the token, not the token. Raises `Unauthenticated`."""
        if not self._digests:
            raise Unauthenticated(NO_TOKENS)
        found = ""
        for given in _given(headers.get("authorization", "")):
            digest = hashlib.sha256(given.encode("utf-8", "replace")).digest()
            for known in self._digests:
                if hmac.compare_digest(digest, known):
                    found = f"api:{known.hex()[:16]}"
        if not found:
            raise Unauthenticated(NO_TOKEN)
        return found


async def holder_of(place: Place, tokens: ApiTokens, asked: HTTPConnection) -> str:
    """Who calls, by a token of the operator's or by a personal one that was made for this. Raises `Unauthenticated`, and `Forbidden` for who is
    banned, too: nobody else asks that of a WebSocket."""
    address = address_of(asked)
    place.bans.require(address=address)
    for given in _given(asked.headers.get("authorization", "")):
        if given.startswith(PERSONAL):
            who = await identify(place, given, address)
            place.bans.require(account_id=who.account_id)
            require_scope(who, Scope.PISTON)
            return f"account:{who.account_id}"
    return tokens.holder(asked.headers)


def _given(header: str) -> list[str]:
    """What a header may mean by a token: clients send it as bearer, bare, or in the address (`https://TOKEN@host`)."""
    kind, _, rest = header.strip().partition(" ")
    match kind.lower():
        case "bearer":
            return [rest.strip()]
        case "basic":
            try:
                return base64.b64decode(rest, validate=True).decode().split(":", 1)
            except ValueError:
                return []
        case _:
            return [header.strip()] if header.strip() else []


def order_of(wanted: Wanted, holder: str, per_minute: int, *, open_input: bool = False) -> Order:
    """What an action gets of it: machine clients are trusted with many at once, and their rooms get turns like others."""
    return Order(
        language=wanted.offer.runtime.language,
        files=wanted.files,
        args=wanted.args,
        stdin=wanted.stdin,
        limits=wanted.limits,
        room=holder,
        person=holder,
        rate=Rate(holder, per_minute),
        limited=False,
        open_input=open_input,
    )


def refusal(error: FourhandsError) -> JSONResponse:
    """A failure as Piston says it."""
    status = 400 if isinstance(error, InvalidRequest | TooLarge) else STATUS[type(error)].value
    headers: dict[str, str] = {}
    if isinstance(error, LimitExceeded):
        headers["Retry-After"] = str(max(1, round(error.retry_after_seconds)))
    if isinstance(error, Unavailable):
        headers["Retry-After"] = "5"
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"message": str(error).encode("utf-8", "replace").decode()}, status, {**API_HEADERS, **headers})


def piston_router(place: Place, tokens: ApiTokens) -> APIRouter:
    router = APIRouter(prefix="/api/v2", tags=["Piston's API"])

    @router.get("/runtimes/", include_in_schema=False)
    @router.get("/runtimes", summary="What can be run")
    async def runtimes(request: Request) -> Response:
        try:
            await holder_of(place, tokens, request)
            return JSONResponse([offer.shown() for offer in offers(place.executor.runtimes(), place.languages)], headers=API_HEADERS)
        except FourhandsError as error:
            return refusal(error)

    @router.post("/execute/", include_in_schema=False)
    @router.post("/execute", summary="Run a program and wait for its end")
    async def execute(request: Request) -> Response:
        try:
            holder = await holder_of(place, tokens, request)
            if not _is_json(request.headers):
                return JSONResponse({"message": JSON_ONLY}, 415, API_HEADERS)
            wanted = read_wanted(await _body(request), available(place), place.executor.rules)
            run = await run_code(place, order_of(wanted, holder, place.executor.rules.api_per_minute))
            stages = await _result(place, request, run)
            return JSONResponse(stages.result(wanted.offer.language, wanted.offer.version), headers=API_HEADERS)
        except FourhandsError as error:
            return refusal(error)

    return router


def available(place: Place) -> list[Offer]:
    """What can be run now. Raises `Unavailable` if nothing can."""
    found = offers(place.executor.runtimes(), place.languages)
    if not found and (why := place.executor.why_not()):
        raise Unavailable(why, "runner")
    return found


def _is_json(headers: Mapping[str, str]) -> bool:
    """JSON alone, as with Piston. A client that is no browser may call it text: the npm package piston-client does."""
    kind = headers.get("content-type", "")
    return kind.startswith("application/json") or (kind.startswith("text/plain") and "origin" not in headers and "sec-fetch-site" not in headers)


async def _body(request: Request) -> object:
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"The body is not JSON: {error}") from error


async def _result(place: Place, request: Request, run: AdmittedRun) -> Stages:
    """The run to its end; if the client goes, the run is ended. Raises `Unavailable`."""
    stages = Stages()

    async def read() -> None:
        async with contextlib.aclosing(counted(place, run)) as events:
            async for event in events:
                stages.take(event)

    reading, gone = asyncio.ensure_future(read()), asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait({reading, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            run.stop()
        await reading
    finally:
        gone.cancel()
        reading.cancel()
    return stages
