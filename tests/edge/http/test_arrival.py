"""Requests that never become whole: each costs its sender the connection, after a time and a size that are set, and nobody else notices."""

import asyncio
import contextlib
import select
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from uvicorn.server import ServerState

from fourhands.edge.http.arrival import TAKEN_BYTES, TimelyProtocol
from fourhands.model.limits import Limits
from tests.edge.test_server import locked
from tests.server import ServerProcess
from tests.wire.client import Client, Room
from tests.wire.frames import raw_connection

PATIENCE_SECONDS = 1
HEAD_BYTES = 2048
LARGE_BYTES = 16_000_000
"""More than the kernel takes for somebody who does not read."""
WAIT_SECONDS = 30
POST = "POST /api/rooms HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def started(folder: Path, **settings: object) -> Iterator[ServerProcess]:
    process = ServerProcess(folder, env={f"FOURHANDS_{name.upper()}": str(value) for name, value in settings.items()})
    process.start()
    yield process
    process.stop()
    assert "Traceback" not in process.log


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One that soon has waited long enough for a request."""
    yield from started(tmp_path_factory.mktemp("data"), request_seconds=PATIENCE_SECONDS, answer_seconds=PATIENCE_SECONDS, database_busy_seconds=60)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One that takes small heads alone."""
    yield from started(tmp_path_factory.mktemp("data"), head_bytes=HEAD_BYTES)


def connected(server: ServerProcess, sent: str = "") -> socket.socket:
    """A connection on which that was sent."""
    host, port = server.url.removeprefix("http://").split(":")
    wire = socket.create_connection((host, int(port)), timeout=WAIT_SECONDS)
    wire.sendall(sent.encode())
    return wire


def rest(wire: socket.socket) -> bytes:
    """All that comes until the server ends the connection."""
    came = bytearray()
    with wire:
        while data := wire.recv(65536):
            came += data
    return bytes(came)


PARTS = [
    *("G", "GET / HTTP/1.1", "GET / HTTP/1.1\r\nHost: x\r\nX-Half: ye", "\r\n\r\n"),
    *(POST + "Content-Length: 20\r\n\r\n{", POST + "Transfer-Encoding: chunked\r\n\r\n1\r\n{"),
]


def test_a_part_of_a_request_is_answered_408_and_the_connection_ends(server: ServerProcess) -> None:
    for part, wire in [(part, connected(server, part)) for part in PARTS]:
        answer = rest(wire)
        assert answer.startswith(b"HTTP/1.1 408 "), part
        assert answer.count(b"HTTP/1.1 ") == 1, part


def test_who_asks_nothing_is_not_kept(server: ServerProcess) -> None:
    assert rest(connected(server)) == b""


def test_a_byte_now_and_then_does_not_help(server: ServerProcess) -> None:
    drops = {connected(server, "GET / HTTP/1.1\r\nX: "): b"x", connected(server, f"{POST}Content-Length: 100000\r\n\r\n"): b"x", connected(server): b"\r\n"}
    for _ in range(round(WAIT_SECONDS / 0.02)):
        for wire in select.select(list(drops), [], [], 0.02)[0]:
            with wire, contextlib.suppress(ConnectionError):
                assert wire.recv(20).startswith(b"HTTP/1.1 408 ")
            del drops[wire]
        for wire, drop in drops.items():
            with contextlib.suppress(ConnectionError):
                wire.sendall(drop)
        if not drops:
            return
    pytest.fail(f"it may go on for ever: {len(drops)}")


def test_the_next_request_of_a_connection_has_its_own_time(server: ServerProcess) -> None:
    with connected(server) as wire, connected(server) as late:
        while not select.select([late], [], [], 0)[0]:  # longer than one request may take
            wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = b""
            while not answer.endswith(b"}"):
                answer += wire.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200 ")
        wire.sendall(b"GET /healthz HTTP/1.1\r\n")
        assert rest(wire).startswith(b"HTTP/1.1 408 ")


def test_a_request_that_is_there_may_take_long(server: ServerProcess) -> None:
    body = '{"name": "Ada"}'
    with locked(Path(server.data_dir)):
        asking = connected(server, f"{POST}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}")
        for _ in range(2):
            rest(connected(server))  # its time is over
    assert rest(asking).startswith(b"HTTP/1.1 201 ")


async def test_a_websocket_is_no_request_any_more(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await asyncio.to_thread(rest, connected(server))
        with raw_connection(server, room):
            await asyncio.to_thread(rest, connected(server))
            await ada.answered()
        assert ada.closed is None


@pytest.mark.parametrize("step", [1, 300, 10_000])
@pytest.mark.parametrize("over", [0, 1])
def test_a_head_may_be_as_large_as_the_limit(narrow: ServerProcess, over: int, step: int) -> None:
    path, name = "/healthz", "X-Long"
    value = "x" * (HEAD_BYTES - len(path) - len(name) - 4 - len("Hostx") - 4 + over)
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\n{name}: {value}\r\n\r\n"
    with connected(narrow) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(request), step):
            wire.sendall(request[start : start + step].encode())
        assert wire.recv(65536).startswith(b"HTTP/1.1 431 " if over else b"HTTP/1.1 200 ")


@pytest.mark.parametrize("piece", ["X: y\r\n", "x"])
def test_a_head_without_an_end_is_not_kept(narrow: ServerProcess, piece: str) -> None:
    with connected(narrow, "GET / HTTP/1.1\r\nX: " + piece * 2 * HEAD_BYTES) as wire:
        assert wire.recv(65536).startswith(b"HTTP/1.1 431 ")


def test_a_body_may_be_larger_than_a_head(narrow: ServerProcess) -> None:
    body = b'{"name": "Ada"' + b" " * 10 * HEAD_BYTES + b"}"
    for _ in range(2):
        assert httpx.post(f"{narrow.url}/api/rooms", content=body, headers={"Content-Type": "application/json"}).status_code == 201


def narrow_window(host: str, port: int) -> socket.socket:
    """A connection whose reader takes little in without reading."""
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.settimeout(WAIT_SECONDS)
    wire.connect((host, port))
    return wire


def until_cut(wire: socket.socket) -> None:
    """Wait until the connection is reset; nothing is read for it."""
    watch = select.poll()
    watch.register(wire, 0)
    assert watch.poll(WAIT_SECONDS * 1000), "it is kept for ever"


def test_who_never_reads_is_not_kept(server: ServerProcess) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with narrow_window(host, int(port)) as wire:
        wire.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
        until_cut(wire)


class Answering:
    """The protocol in this process, on a real socket, with an answer of that size; its clock for the answer is moved by hand."""

    def __init__(self, size: int = LARGE_BYTES, *, pauses: bool = True) -> None:
        self._body = bytes(size)
        self._pauses = pauses
        self.protocol: TimelyProtocol

    async def _say(self, scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(self._body))]})
        if self._pauses:  # with the second half uvicorn waits until the first was taken
            half = len(self._body) // 2
            await send({"type": "http.response.body", "body": self._body[:half], "more_body": True})
            self._body = self._body[half:]
        await send({"type": "http.response.body", "body": self._body})

    def _protocol(self) -> TimelyProtocol:
        config = uvicorn.Config(self._say, interface="asgi3", lifespan="off", log_config=None)
        config.load()
        hub = SimpleNamespace(root_path="", place=SimpleNamespace(limits=Limits(answer_seconds=3600)))
        self.protocol = TimelyProtocol(config, ServerState(), {"hub": hub})
        return self.protocol

    @contextlib.asynccontextmanager
    async def asked(self) -> AsyncIterator[socket.socket]:
        """The client's end, where nothing was read yet and all is written that can be."""
        server = await asyncio.get_running_loop().create_server(self._protocol, "127.0.0.1", 0)
        wire = await asyncio.to_thread(narrow_window, *server.sockets[0].getsockname())
        with wire:
            await self.until(lambda: hasattr(self, "protocol") and self.protocol.transport is not None)
            if not self._pauses:
                self.protocol.transport.set_write_buffer_limits(high=2 * LARGE_BYTES)
            wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await self.until(lambda: self.protocol._delivery is not None)
            yield wire
        server.close()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while not holds():  # noqa: ASYNC110 - the socket of somebody else tells no events
                await asyncio.sleep(0.001)

    @property
    def waits(self) -> int:
        return self.protocol.transport.get_write_buffer_size()

    def time_passes(self) -> bool:
        """Whether the connection is kept."""
        self.protocol._look_at_delivery()
        return not self.protocol.transport.is_closing()


@pytest.mark.parametrize("pauses", [True, False], ids=["while uvicorn waits", "behind its last byte"])
@pytest.mark.parametrize("lacking", [0, 1])
async def test_so_much_is_to_be_taken_each_time(lacking: int, pauses: bool) -> None:
    answering = Answering(pauses=pauses)
    async with answering.asked() as wire:
        began = answering.protocol._untaken_bytes
        assert began == answering.waits
        while answering.waits > began - TAKEN_BYTES:
            await asyncio.to_thread(wire.recv, 1024)
            await asyncio.sleep(0)
        answering.protocol._untaken_bytes = answering.waits + TAKEN_BYTES - lacking  # to the byte
        assert answering.time_passes() is not lacking
        if not lacking:
            assert answering.protocol._untaken_bytes == answering.waits, "the next of its time has begun"
            assert not answering.time_passes()
        await asyncio.to_thread(until_cut, wire)


async def test_the_rest_of_an_answer_may_be_less() -> None:
    answering = Answering()
    async with answering.asked() as wire:
        reading = asyncio.create_task(asyncio.to_thread(read_all, wire, LARGE_BYTES))
        await answering.until(lambda: answering.waits == 0)
        assert answering.time_passes()
        await reading
        assert answering.protocol._delivery is None


def read_all(wire: socket.socket, size: int) -> None:
    while size > 0:
        size -= len(wire.recv(65536))


async def test_who_has_taken_all_and_asks_again_has_a_time_of_its_own() -> None:
    answering = Answering(pauses=False)
    async with answering.asked() as wire:
        first = answering.protocol._delivery
        await asyncio.to_thread(read_all, wire, LARGE_BYTES)
        await answering.until(lambda: answering.waits == 0)
        wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await answering.until(lambda: answering.waits > 0)
        assert answering.protocol._delivery not in (None, first)
