"""One shard's connections: what they write, and how they follow a node that moved. The bus itself: test_redis.py."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from fourhands.bus.lane import Lane
from fourhands.bus.memory import nothing
from fourhands.bus.stream import Stream, pack
from fourhands.errors import Unavailable
from tests.redis_server import RedisServer, free_port, needs_redis

OWN = "ada".ljust(16, "0")


def lane_to(url: str, shard: int = 0, on_up: Callable[[bool], None] = nothing) -> Lane:
    control = Stream(f"@{OWN}", f"fourhands:{{{shard}}}:to:{OWN}".encode(), lambda sender, messages: None)
    return Lane(url, control, backlog_bytes=1 << 20, on_up=on_up, on_missed=nothing)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a lane tells nobody
            await asyncio.sleep(0.01)


def test_a_command_is_packed_as_redis_reads_it() -> None:
    assert pack("XADD", b"key", 5) == b"*3\r\n$4\r\nXADD\r\n$3\r\nkey\r\n$1\r\n5\r\n"


async def test_whoever_asks_while_it_is_down_is_refused_at_once() -> None:
    with pytest.raises(Unavailable):
        await lane_to("redis://127.0.0.1:1/0").call("PING")


@needs_redis
async def test_a_mistake_of_those_who_are_told_does_not_end_it(redis_server: RedisServer) -> None:
    told: list[bool] = []

    def hear(up: bool) -> None:
        told.append(up)
        if told == [True]:
            raise LookupError("a mistake")

    lane = lane_to(redis_server.url, on_up=hear)
    running = asyncio.create_task(lane.run())
    with capture_logs() as logged:
        await until(lambda: told == [True, False, True])
    assert [entry["event"] for entry in logged] == ["bus.lane_failed"]
    assert await lane.call("PING") == b"PONG"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@needs_redis
async def test_it_finds_its_node_of_a_cluster(tmp_path: Path) -> None:
    ports = free_port(), free_port()
    options = "--cluster-enabled", "yes", "--dir", str(tmp_path)
    servers = [RedisServer(*options, "--cluster-port", str(port), "--cluster-config-file", f"{port}.conf") for port in ports]
    try:
        for server in servers:
            server.start()
        first, second = servers
        await _command(first, "CLUSTER", "MEET", "127.0.0.1", second.port, ports[1])
        await _command(first, "CLUSTER", "ADDSLOTSRANGE", 0, 8191)
        await _command(second, "CLUSTER", "ADDSLOTSRANGE", 8192, 16383)
        for server in servers:
            await _known(server)
        lanes = [lane_to(servers[0].url, shard) for shard in (0, 1)]  # slots 13907 and 9842; and by way of the other node
        lanes += [lane_to(servers[1].url, shard) for shard in (2, 3)]  # 5649 and 1584
        tasks = [asyncio.create_task(lane.run()) for lane in lanes]
        for lane in lanes:
            await until(lambda lane=lane: lane.up)
        for number, lane in enumerate(lanes):
            assert await lane.call("SET", f"fourhands:{{{number}}}:here", 1) == b"OK"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        for server in servers:
            server.kill()


async def _command(server: RedisServer, *words: object) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(pack(*[str(word) for word in words]))
    said = (await reader.read(65536)).decode()
    writer.close()
    return said


async def _known(server: RedisServer) -> None:
    async with asyncio.timeout(60):
        while "cluster_state:ok" not in await _command(server, "CLUSTER", "INFO"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
