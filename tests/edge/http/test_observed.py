"""Every request has an id, and is counted by its route."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send
from structlog.contextvars import get_contextvars

from fourhands.edge.http.error_map import install
from fourhands.edge.http.observed import Observed
from fourhands.errors import Conflict
from fourhands.metrics.catalog import PROBLEMS, REQUESTS
from fourhands.metrics.tally import Tally

OWN_ID = "0123456789abcdef"


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture
async def client(tally: Tally) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI(redirect_slashes=False)
    install(app, "")

    @app.get("/things/{thing}")
    async def thing(thing: str) -> dict[str, object]:
        if thing == "taken":
            raise Conflict("It is taken.")
        if thing == "broken":
            raise RuntimeError
        return get_contextvars()

    app.add_middleware(Observed, tally=tally)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


async def test_a_request_is_given_an_id_that_is_said_and_logged(client: httpx.AsyncClient) -> None:
    answer = await client.get("/things/1")
    assert len(answer.headers["x-request-id"]) == len(OWN_ID)
    assert answer.json() == {"request": answer.headers["x-request-id"]}
    assert (await client.get("/things/1")).headers["x-request-id"] != answer.headers["x-request-id"]


@pytest.mark.parametrize("given", ["4bf92f3577b34da6", "a" * 128, "proxy-1:2026/11.21_x+y="])
async def test_a_proxys_id_is_kept(client: httpx.AsyncClient, given: str) -> None:
    assert (await client.get("/things/1", headers={"X-Request-Id": given})).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a" * 129, "two words", 'x"y', "ключ".encode(), "-x", "a\x1bb"])
async def test_what_is_no_id_is_replaced(client: httpx.AsyncClient, given: str | bytes) -> None:
    headers = [(b"x-request-id", given if isinstance(given, bytes) else given.encode())]
    assert len((await client.get("/things/1", headers=headers)).headers["x-request-id"]) == len(OWN_ID)


async def test_requests_are_counted_by_route_and_never_by_address(client: httpx.AsyncClient, tally: Tally) -> None:
    for path in ("/things/1", "/things/2", "/things/taken", "/things/broken", "/nothing/here"):
        await client.get(path)
    await client.request("BREW", "/things/1")
    assert {labels: sum(seen.counts) for labels, seen in tally.observed(REQUESTS).items()} == {
        ("GET", "/things/{thing}", "200"): 2,
        ("GET", "/things/{thing}", "409"): 1,
        ("GET", "/things/{thing}", "500"): 1,
        ("GET", "none", "404"): 1,
        ("other", "/things/{thing}", "405"): 1,
    }
    assert tally.counted(PROBLEMS) == {("conflict",): 1, ("internal",): 1, ("not_found",): 1, ("method_not_allowed",): 1}


async def test_what_is_no_request_passes(tally: Tally, tmp_path: Path) -> None:
    passed: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        passed.append(scope["type"])

    async def nothing(*_: object) -> dict[str, object]:
        return {}

    await Observed(app, tally=tally)({"type": "lifespan"}, nothing, nothing)  # pyright: ignore[reportArgumentType]
    assert (passed, tally.observed(REQUESTS)) == (["lifespan"], {})
