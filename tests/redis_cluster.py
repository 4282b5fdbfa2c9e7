"""A real Redis Cluster of three nodes on the loopback, each a process of its own."""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.redis_server import RedisServer, free_port

SLOTS = ((0, 5460), (5461, 10922), (10923, 16383))
READY_SECONDS = 60.0


@contextlib.contextmanager
def running_cluster(folder: Path) -> Iterator[list[RedisServer]]:
    """Its nodes, the slots spread over them in their order."""
    servers: list[RedisServer] = []
    buses = [free_port() for _ in SLOTS]
    try:
        for bus in buses:
            options = ("--cluster-enabled", "yes", "--dir", str(folder), "--cluster-port", str(bus), "--cluster-config-file", f"{bus}.conf")
            servers.append(RedisServer(*options))
            servers[-1].start()
        for server, bus, (first, last) in zip(servers, buses, SLOTS, strict=True):
            command(servers[0], "CLUSTER", "MEET", "127.0.0.1", server.port, bus)
            command(server, "CLUSTER", "ADDSLOTSRANGE", first, last)
        until = time.monotonic() + READY_SECONDS
        while not all(_knows_all(server) for server in servers):
            assert time.monotonic() < until, "the nodes of Redis Cluster do not find each other"
            time.sleep(0.05)
        yield servers
    finally:
        for server in servers:
            server.kill()


def command(server: RedisServer, *words: object) -> str:
    """What `redis-cli` says to it. Raises `AssertionError`."""
    asked = subprocess.run(["redis-cli", "-p", str(server.port), *map(str, words)], capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
    return asked.stdout.strip()


def _knows_all(server: RedisServer) -> bool:
    said = command(server, "CLUSTER", "INFO")
    return "cluster_state:ok" in said and f"cluster_known_nodes:{len(SLOTS)}" in said
