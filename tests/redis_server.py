"""A real Redis as a process of its own, on a port of its own, which keeps nothing on disk: killed and started again it has forgotten everything."""

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from fourhands.model.clock import SystemClock
from fourhands.shared_state.redis import RedisState

PROGRAM = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(PROGRAM is None, reason="redis-server is not installed here")
START_SECONDS = 60.0
STOP_SECONDS = 30.0
ANSWER_SECONDS = 30.0
_numbers = itertools.count(1)


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class RedisServer:
    """`redis-server`; `url` stays the same over its starts. `arguments`: further options, as on its command line."""

    def __init__(self, *arguments: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    def prefix(self) -> str:
        """One that no other test has."""
        return f"test-{os.getpid()}-{next(_numbers)}"

    def state(self, prefix: str) -> RedisState:
        """An instance's common state. Close it. However busy the machine is, a Redis that is there counts as there."""
        return RedisState(self.url, prefix, SystemClock(), answer_seconds=ANSWER_SECONDS)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it answers. Raises `AssertionError` if it does not."""
        assert PROGRAM is not None
        command = [PROGRAM, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", *self._arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + START_SECONDS
        while not self.answers():
            assert self._process.poll() is None, "redis-server ended at once"
            assert time.monotonic() < until, "redis-server does not answer"
            time.sleep(0.01)

    def answers(self) -> bool:
        """Whether it answers a ping."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as asked:
            asked.sendall(b"PING\r\n")
            return asked.recv(7).startswith((b"+PONG", b"-NOAUTH"))
        return False

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end("kill")

    def stop(self) -> None:
        """End it as an operator would."""
        self._end("terminate")

    def _end(self, how: str) -> None:
        process, self._process = self._process, None
        if process is not None:
            getattr(process, how)()
            process.wait(STOP_SECONDS)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One for all tests of this process; each takes a prefix of its own, and kills it only if it starts it again."""
    if PROGRAM is None:
        pytest.skip("redis-server is not installed here")
    server = RedisServer()
    server.start()
    yield server
    server.stop()
