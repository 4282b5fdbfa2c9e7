"""Memory comes back: rooms that were opened, used and left leave nothing behind in the process."""

import asyncio
import collections
import gc
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from pycrdt import Doc, Text, TransactionEvent

from fourhands import app as composition
from fourhands.edge.server import Server, listen
from fourhands.edge.ws.hub import Hub
from fourhands.edge.ws.upgrade import SyncProtocol
from fourhands.protocol import awareness, sync
from fourhands.settings import Settings
from tests.server import ServerProcess
from tests.soak.conftest import Share, StartServer
from tests.soak.herd import enter, resident_bytes

AT_ONCE = 32
SECONDS = 60.0
GROWTH = {True: 0.02, False: 0.12}  # a tenth of the rooms fill no cache to its end, and a busy machine holds more of them at once
"""What a second round may add, in full runs and in a tenth of them, which has not filled SQLite's caches (12 MB) before."""
FILLS_CACHES = 150  # urllib.parse keeps 128 addresses
BOUNDED = {"weakref.ReferenceType"}  # sqlite3 keeps those to its last 200 cursors, also when they are gone


def typing(words: int) -> list[bytes]:
    """Somebody's updates."""
    doc: Doc[Any] = Doc(client_id=77)
    text, updates = doc.get("file:main", type=Text), list[bytes]()

    def note(event: TransactionEvent) -> None:
        updates.append(event.update)

    subscription = doc.observe(note)
    for number in range(words):
        text += f"word{number} "
    doc.unobserve(subscription)
    return updates


UPDATES = typing(20)


async def use(host: str, port: int, room: str) -> None:
    """Two people meet in a room, write, move their carets, talk and go without a word."""
    ada, lin = [await enter(host, port, room, events=events) for events in (True, False)]
    assert ada.joined, f"closed with {ada.closed}"
    assert lin.joined, f"closed with {lin.closed}"
    for update in UPDATES:
        ada.send(sync.update(update))
    ada.send(sync.awareness(awareness.encode([awareness.Entry(77, 1, b'{"user":{"name":"Ada"}}')])))
    ada.send(sync.event(json.dumps({"type": "chat", "text": "Hello"}).encode()))
    await ada.heard(b'"chat"')
    for one in (ada, lin):
        one.cut()
        await one.gone


async def use_many(host: str, port: int, rooms: list[str]) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(room: str) -> None:
        async with places:
            await use(host, port, room)

    await asyncio.gather(*(one(room) for room in rooms))


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what only a process's outside tells."""
    async with asyncio.timeout(SECONDS):
        while not holds():  # noqa: ASYNC110 - another process tells no events
            await asyncio.sleep(0.1)


async def test_a_second_ten_thousand_rooms_add_nothing(start_server: StartServer, share: Share, quick_dir: Path, pytestconfig: pytest.Config) -> None:
    count = share(10_000)
    server = start_server(data_dir=quick_dir, adhoc_rooms=1, idle_seconds=0.1, log_level="debug")
    host, port = server.url.removeprefix("http://").split(":")
    sizes: list[int] = []
    handles: list[set[str]] = []
    for batch in range(2):
        await use_many(host, int(port), [f"room{batch}x{number}" for number in range(count)])
        await until(lambda done=(batch + 1) * count: server.log.count("room.unloaded") >= done)
        sizes.append(resident_bytes(server.pid))
        handles.append(open_handles(server))
    assert len(handles[1]) <= len(handles[0])
    assert sizes[1] < sizes[0] * (1 + GROWTH[pytestconfig.option.full]), [size >> 20 for size in sizes]


def open_handles(server: ServerProcess) -> set[str]:
    """Files and sockets that it has open."""
    return {path.name for path in Path(f"/proc/{server.pid}/fd").iterdir()}


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[str, int, Hub]]:
    """The whole server in this process."""
    app = composition.create_app(Settings(data_dir=folder, adhoc_rooms=True, idle_seconds=0.05, fold_seconds=0.2))
    config = uvicorn.Config(app, ws=SyncProtocol, http="httptools", lifespan="on", log_config=None)  # pyright: ignore[reportArgumentType]
    started = asyncio.Event()
    server = Server(config, stop_seconds=5, started=started.set, drain=app.state.drain)
    with listen("127.0.0.1", 0) as listening:
        running = asyncio.create_task(server._serve([listening]))  # pyright: ignore[reportPrivateUsage]
        await started.wait()
        try:
            yield (*listening.getsockname(), server.lifespan.state["hub"])
        finally:
            server.should_exit = True
            await running
            gc.unfreeze()


async def forget_cancelled_timers() -> None:
    """asyncio keeps up to a hundred of them for later, and looks once there are more and most of them are cancelled."""
    loop = asyncio.get_running_loop()
    for _ in range(1000):
        loop.call_later(SECONDS, int).cancel()
    await asyncio.sleep(0)


def population() -> collections.Counter[str]:
    gc.collect()
    return collections.Counter(f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.get_objects())


async def test_no_object_task_or_timer_is_left_over(share: Share, quick_dir: Path) -> None:
    count = share(300)
    async with serving(quick_dir) as (host, port, hub):
        await use_many(host, port, [f"first{number}" for number in range(max(count, FILLS_CACHES))])

        def settled() -> bool:
            return not any(population()[f"fourhands.{name}"] for name in ("room.live.LiveRoom", "edge.ws.connection.Connection", "store.sql.log.OpenRoom"))

        await until(settled)
        await forget_cancelled_timers()
        before, tasks = population(), len(asyncio.all_tasks())
        await use_many(host, port, [f"second{number}" for number in range(count)])
        await until(settled)
        await forget_cancelled_timers()
        grown = {name: more for name, more in (population() - before).items() if more >= count // 2 and name not in BOUNDED}
        assert grown == {}
        assert len(asyncio.all_tasks()) == tasks
        assert len(hub._wheel) == 0  # pyright: ignore[reportPrivateUsage]
