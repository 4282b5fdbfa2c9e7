"""What surrounds every request: root paths, sizes of bodies, and a policy on what has none."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from fourhands.edge.http.envelope import Envelope


async def tell_path(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(f"{scope['path']} {len(body)}")(scope, receive, send)


def client(root_path: str = "", most_bytes: int = 100) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(Envelope(tell_path, root_path=root_path, most_bytes=most_bytes)), base_url="http://test")


@pytest.mark.parametrize(("asked", "seen"), [("/pad/api", "/api"), ("/api", "/api"), ("/pad", "/"), ("/pad/", "/"), ("/padded", "/padded")])
async def test_a_proxy_may_take_the_root_off_or_leave_it(asked: str, seen: str) -> None:
    async with client("/pad") as browser:
        assert (await browser.get(asked)).text == f"{seen} 0"


async def test_a_body_may_be_as_large_as_the_limit() -> None:
    async with client() as browser:
        assert (await browser.post("/", content=b"x" * 100)).text == "/ 100"
        answer = await browser.post("/", content=b"x" * 101)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert (await browser.post("/", headers={"Content-Length": "-1"})).status_code == 413


async def test_a_body_that_does_not_say_its_length_is_counted() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"x" * 60
        yield b"x" * 60

    async with client() as browser:
        with pytest.raises(Exception, match="100 bytes"):  # the application's own handler makes a 413 of it
            await browser.post("/", content=body())


async def test_an_answer_without_a_policy_gets_the_strictest() -> None:
    async with client() as browser:
        assert "default-src 'none'" in (await browser.get("/")).headers["content-security-policy"]


@pytest.mark.parametrize(
    ("scheme", "is_https", "seconds", "told"),
    [("https", False, 60, "max-age=60"), ("http", True, 60, "max-age=60"), ("http", False, 60, None), ("https", True, 0, None)],
)
async def test_who_came_by_tls_is_told_to_come_by_nothing_else(scheme: str, is_https: bool, seconds: int, told: str | None) -> None:
    app = Envelope(tell_path, root_path="", most_bytes=10, hsts_seconds=seconds, is_https=is_https)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"{scheme}://test") as browser:
        for answer in (await browser.get("/"), await browser.post("/", content=b"x" * 11)):
            assert answer.headers.get("strict-transport-security") == told
