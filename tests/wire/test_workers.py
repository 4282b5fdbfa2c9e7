"""Several workers on one port, as `fourhands serve --workers` starts them: over a real PostgreSQL and a real Redis."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.postgres_server import MISSING, PostgresServer
from tests.redis_server import RedisServer, needs_redis
from tests.server import ServerProcess
from tests.wire.client import Client, Room

pytestmark = [needs_redis, pytest.mark.skipif(bool(MISSING), reason=MISSING or "it is there")]
SECONDS = 60.0
RESTART = 1012


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, redis_server: RedisServer) -> Iterator[ServerProcess]:
    name = postgres.create()
    env = {"FOURHANDS_WORKERS": "2", "DATABASE_URL": postgres.url(name), "REDIS_URL": redis_server.url, "FOURHANDS_REDIS_PREFIX": redis_server.prefix()}
    process = ServerProcess(tmp_path_factory.mktemp("data"), env=env)
    process.start()
    yield process
    process.stop()
    postgres.drop(name)


def workers(server: ServerProcess) -> dict[str, float]:
    """When each of them was started, as any of them says."""
    families = text_string_to_metric_families(httpx.get(f"{server.url}/metrics", timeout=SECONDS).raise_for_status().text)
    return {sample.labels["worker"]: sample.value for family in families if family.name == "process_start_time_seconds" for sample in family.samples}


def instances(server: ServerProcess) -> list[float]:
    """How many there are, as each of them knows."""
    families = text_string_to_metric_families(httpx.get(f"{server.url}/metrics", timeout=SECONDS).raise_for_status().text)
    return [sample.value for family in families if family.name == "fourhands_bus_instances" for sample in family.samples]


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_whichever_is_asked_tells_of_all(server: ServerProcess) -> None:
    assert set(workers(server)) == {"0", "1"}
    assert len(children(server.pid)) == 2
    assert httpx.get(f"{server.url}/readyz").status_code == 200


async def test_people_of_a_room_meet_whichever_worker_they_are_at(server: ServerProcess) -> None:
    """The kernel deals them out; of twelve, one in two thousand times all would be at one."""
    room = await asyncio.to_thread(Room.open, server.url)
    people = [Client(server.url, room.id, room.host) for _ in range(12)]
    for one in people:
        await one.connect()
    await people[0].insert(0, "all of us")
    for one in people:
        await one.until_text("all of us")
    end = time.monotonic() + SECONDS
    while set(await asyncio.to_thread(instances, server)) != {2}:
        assert time.monotonic() < end, server.log
        await asyncio.sleep(0.05)
    await asyncio.gather(*(one.leave() for one in people))


async def test_one_that_is_killed_is_replaced_and_what_was_said_to_be_saved_is_there(server: ServerProcess) -> None:
    room = await asyncio.to_thread(Room.open, server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.insert(0, "kept")
        await ada.until_saved()
    killed = children(server.pid)
    os.kill(killed[0], signal.SIGKILL)
    end = time.monotonic() + SECONDS
    while len(now := children(server.pid)) < 2 or killed[0] in now:
        assert time.monotonic() < end, server.log
        await asyncio.sleep(0.05)
    while True:  # where it was on the way to the one that died, a request is lost, as with any server
        try:
            if set(await asyncio.to_thread(workers, server)) == {"0", "1"}:
                break
        except httpx.TransportError:
            pass
        assert time.monotonic() < end, server.log
        await asyncio.sleep(0.05)
    async with Client(server.url, room.id, room.host) as again:
        assert str(again.text) == "kept"


async def test_a_signal_sends_everybody_away_from_all_of_them(server: ServerProcess) -> None:
    room = await asyncio.to_thread(Room.open, server.url)
    people = [Client(server.url, room.id, room.host) for _ in range(6)]
    for one in people:
        await one.connect()
    ada = people[0]
    await ada.insert(0, "x")
    await ada.until_saved()
    assert await asyncio.to_thread(server.stop) == 0
    assert {await one.until_closed() for one in people} == {RESTART}
    await asyncio.to_thread(server.start)
    async with Client(server.url, room.id, room.host) as later:
        assert str(later.text) == "x"
