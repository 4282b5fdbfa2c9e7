"""Another server's answers: bounded in time and size, and never followed elsewhere."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from fourhands.accounts.bounded_http import BoundedHttp
from fourhands.errors import Unavailable

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def other_server(serve: Serve) -> AsyncIterator[str]:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


def says(head: str, body: bytes = b"") -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head.replace("\n", "\r\n").encode() + b"Connection: close\r\n\r\n" + body)

    return serve


async def ask(url: str, *, seconds: float = 20, most_bytes: int = 1024) -> tuple[int, dict[str, object]]:
    http = BoundedHttp(seconds=seconds, most_bytes=most_bytes, dependency="test")
    try:
        return await http.ask("GET", url, headers={})
    finally:
        await http.close()


async def test_an_answer_is_its_status_and_its_object() -> None:
    async with other_server(says("HTTP/1.1 400 Bad\n", b'{"error": "no"}')) as url:
        assert await ask(url) == (400, {"error": "no"})


async def test_a_body_may_have_so_many_bytes_and_none_more() -> None:
    async with other_server(says("HTTP/1.1 200 OK\n", b'{"a": "b"}'.ljust(1024))) as url:
        assert (await ask(url))[0] == 200
        with pytest.raises(Unavailable, match="1,023 bytes"):
            await ask(url, most_bytes=1023)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("HTTP/1.1 302 Found\nLocation: http://127.0.0.1:1/\n", b""),
        ("HTTP/1.1 200 OK\n", b"<html>"),
        ("HTTP/1.1 200 OK\n", b"[1]"),
        ("HTTP/1.1 200 OK\n", b"[" * 1000),
        ("nonsense\n", b""),
    ],
)  # fmt: skip
async def test_what_is_no_object_is_as_good_as_nothing(head: str, body: bytes) -> None:
    async with other_server(says(head, body)) as url:
        with pytest.raises(Unavailable):
            await ask(url)


async def test_one_that_does_not_end_is_not_waited_for() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until we have gone

    async with other_server(drip) as url:
        with pytest.raises(Unavailable):
            await ask(url, seconds=0.2)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://", "nonsense"])
async def test_nobody_there_is_said_so(url: str) -> None:
    with pytest.raises(Unavailable):
        await ask(url)
