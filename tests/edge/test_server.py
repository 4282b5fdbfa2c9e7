"""Starting and stopping, of a whole server in a process of its own: whatever clients, requests or the database do, it
ends in time, and what was said to be saved is there afterwards."""

import asyncio
import contextlib
import os
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
import uvloop

from fourhands.edge.server import Server, listen
from tests.server import ServerProcess
from tests.wire.client import Client, Room, clients

SECONDS = 5.0 + 15.0  # FOURHANDS_DRAIN_SECONDS by default, and what a machine that is busy with other things adds
PATIENT_SECONDS = 20
RESTART = 1012

Start = Callable[..., ServerProcess]


@pytest.fixture
def start(quick_dir: Path) -> Iterator[Start]:
    """A server on `quick_dir`, with settings."""
    started: list[ServerProcess] = []

    def starting(**settings: object) -> ServerProcess:
        server = ServerProcess(quick_dir, env={f"FOURHANDS_{name.upper()}": str(value) for name, value in settings.items()})
        started.append(server)
        server.start()
        return server

    yield starting
    for server in started:
        server.stop()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Another program holds the database's write lock."""
    with contextlib.closing(sqlite3.connect(folder / "fourhands.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def stop(server: ServerProcess, number: signal.Signals = signal.SIGTERM) -> int | None:
    """The exit code. Fails if stopping took longer than it may."""
    began = time.monotonic()
    code = server.stop(number)
    assert time.monotonic() - began < SECONDS, server.log
    return code


def raw(server: ServerProcess, request: str) -> socket.socket:
    """A connection on which that was sent and nothing is ever read."""
    host, port = server.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)))
    connection.sendall(request.replace("\n", "\r\n").encode())
    return connection


def upgrade(room: str) -> str:
    head = "Host: x\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n\n"
    return f"GET /sync/{room} HTTP/1.1\n{head}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_people_hear_that_all_is_saved_and_to_come_back(start: Start, number: signal.Signals) -> None:
    server = start()
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.join()) as typing, Client(server.url, room.id, room.join()) as reading:
        for word in ("one ", "two ", "three "):
            await typing.insert(0, word)
        await reading.until_text("three two one ")  # taken and relayed; the commit may still be on its way
        assert await asyncio.to_thread(stop, server, number) == 0
        assert (await typing.until_closed(), await reading.until_closed()) == (RESTART, RESTART)
        assert typing.saved == typing.sent
    server.start()
    async with Client(server.url, room.id, room.join()) as later:
        assert str(later.text) == "three two one "


async def test_what_nobody_heard_to_be_saved_is_saved_too(start: Start) -> None:
    """A client of y-websocket's kind hears of no saving."""
    server = start(adhoc_rooms=1)
    async with clients(*(Client(server.url, "notes", plain=True) for _ in range(2))) as (typing, reading):
        await typing.insert(0, "kept")
        await reading.until_text("kept")
        assert await asyncio.to_thread(stop, server) == 0
    server.start()
    async with Client(server.url, "notes", plain=True) as later:
        assert str(later.text) == "kept"


async def test_it_ends_in_time_whatever_clients_do(start: Start) -> None:
    server = start(adhoc_rooms=1)
    with contextlib.ExitStack() as mute:
        for number in range(200):
            mute.enter_context(raw(server, upgrade(f"room{number % 50}")))
        mute.enter_context(raw(server, "GET /sync/half HTTP/1.1\nHost: x\n"))
        mute.enter_context(raw(server, "POST /api/rooms HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: 20\n\n{"))
        async with Client(server.url, "room0", plain=True) as there:
            assert await asyncio.to_thread(stop, server) == 0
            assert await there.until_closed() == RESTART


async def test_it_ends_in_time_while_the_database_is_locked(start: Start, quick_dir: Path) -> None:
    """Admissions that wait for a new room's row, a request that wants to write, and an edit that cannot be saved."""
    server = start(adhoc_rooms=1, drain_seconds=2)
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.join()) as typing:
        await typing.insert(0, "saved ")
        await typing.until_saved()
        with locked(quick_dir), contextlib.ExitStack() as waiting:
            await typing.insert(0, "unsaved ")
            await typing.answered()
            for number in range(100):
                waiting.enter_context(raw(server, upgrade(f"new{number}")))
            body = '{"name": "Ada"}'
            waiting.enter_context(raw(server, f"POST /api/rooms HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: {len(body)}\n\n{body}"))
            assert await asyncio.to_thread(stop, server) == 0
            assert await typing.until_closed() == RESTART
            assert "stop.out_of_time" in server.log
        assert typing.saved < typing.sent
        server.start()
        async with Client(server.url, room.id, room.join(), doc=typing.doc) as back:  # the page that held it
            assert str(back.text) == "unsaved saved "
            await back.until_saved()


async def test_a_database_that_comes_back_in_time_gets_everything(start: Start, quick_dir: Path) -> None:
    server = start(drain_seconds=PATIENT_SECONDS, database_busy_seconds=60)
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.join()) as typing:
        with locked(quick_dir):
            await typing.insert(0, "late")
            await typing.answered()
            stopping = asyncio.create_task(asyncio.to_thread(stop, server))
            assert await typing.until_closed() == RESTART
        assert await stopping == 0
    server.start()
    async with Client(server.url, room.id, room.join()) as later:
        assert str(later.text) == "late"


async def test_a_second_signal_ends_it_at_once(start: Start, quick_dir: Path) -> None:
    server = start(drain_seconds=PATIENT_SECONDS, database_busy_seconds=60)
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.join()) as typing:
        with locked(quick_dir):
            await typing.insert(0, "x")
            await typing.answered()
            os.kill(server.pid, signal.SIGTERM)
            await typing.until_closed()  # it drains, and waits for the lock
            assert await asyncio.to_thread(stop, server) == 128 + signal.SIGTERM  # 0 would be that of its time having run out


async def test_it_goes_on_for_a_while_after_it_said_that_it_stops(start: Start) -> None:
    """Balancers look every few seconds: until they have seen it, people are still sent here, and those who are here type."""
    server = start(drain_delay_seconds=1000)
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.join()) as typing, httpx.AsyncClient(base_url=server.url) as probe:
        assert (await probe.get("/readyz")).status_code == 200
        os.kill(server.pid, signal.SIGTERM)
        async with asyncio.timeout(PATIENT_SECONDS):
            while (answer := await probe.get("/readyz")).status_code == 200:  # noqa: ASYNC110 - another process, which tells nobody
                await asyncio.sleep(0.01)
        assert (answer.status_code, "stops" in answer.json()["detail"]) == (503, True)
        async with Client(server.url, room.id, await asyncio.to_thread(room.join)) as newcomer:
            await typing.insert(0, "still here")
            await newcomer.until_text("still here")
            await typing.until_saved()
        os.kill(server.pid, signal.SIGTERM)  # who does not want to wait says so once more
        await asyncio.to_thread(server.wait_ended)


async def test_after_that_while_it_stops_as_ever(start: Start) -> None:
    server = start(drain_delay_seconds=0.2)
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.join()) as typing:
        await typing.insert(0, "kept")
        assert await asyncio.to_thread(stop, server) == 0
        assert await typing.until_closed() == RESTART
        assert typing.saved == typing.sent


async def test_readyz_says_that_it_stops(start: Start, quick_dir: Path) -> None:
    server = start(drain_seconds=PATIENT_SECONDS, database_busy_seconds=60)
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.join()) as typing, httpx.AsyncClient(base_url=server.url) as probe:
        assert (await probe.get("/readyz")).status_code == 200
        with locked(quick_dir):
            await typing.insert(0, "x")  # the drain waits for it for a moment
            await typing.answered()
            os.kill(server.pid, signal.SIGTERM)
            while (answer := await probe.get("/readyz")).status_code == 200:
                pass
            assert answer.status_code == 503
            assert "stops" in answer.json()["detail"]


async def test_a_request_under_way_is_answered(start: Start, quick_dir: Path) -> None:
    server = start(drain_seconds=PATIENT_SECONDS, database_busy_seconds=60)
    body = '{"name": "Ada"}'
    with locked(quick_dir):
        asking = raw(server, f"POST /api/rooms HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: {len(body)}\n\n{body}")
        assert httpx.get(f"{server.url}/healthz").status_code == 200  # the request before it is under way by now
        stopping = asyncio.create_task(asyncio.to_thread(stop, server))
        with pytest.raises(httpx.TransportError):  # nobody new is taken
            while True:
                await asyncio.to_thread(httpx.get, f"{server.url}/healthz")
    assert await stopping == 0
    with asking:
        assert asking.recv(100).startswith(b"HTTP/1.1 201 ")


async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Whether an open connection is served."""
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    return (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")


async def no_content(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI application that says nothing."""
    del scope, receive
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def test_nobody_new_is_taken_while_those_who_are_there_are_let_finish() -> None:
    async def scenario() -> None:
        drains, may_end = asyncio.Event(), asyncio.Event()

        async def drain() -> None:
            drains.set()
            await may_end.wait()

        config = uvicorn.Config(no_content, interface="asgi3", lifespan="off", log_config=None)
        server = Server(config, stop_seconds=SECONDS, started=(started := asyncio.Event()).set, drain=drain)
        with listen("127.0.0.1", 0) as listening:
            host, port = listening.getsockname()
            running = asyncio.create_task(server._serve([listening]))  # pyright: ignore[reportPrivateUsage]
            await started.wait()
            there = await asyncio.open_connection(host, port)
            assert await answers(*there)
            server.should_exit = True
            await drains.wait()
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(host, port)
            assert await answers(*there)
            may_end.set()
            await running
            there[1].close()

    uvloop.run(asyncio.wait_for(scenario(), 20))
