"""A Redis and a runner that has joined by it, for what is measured with runners that servers share."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import redis

from bench.servers import free_port
from bench.workshop import Workshop

READY_SECONDS = 60


class CannotJoin(Exception):
    """No runner joins here; the message says why."""


@contextmanager
def shared_runner(workshop: Workshop, environment_of: Callable[[Mapping[str, str]], dict[str, str]], *, warm: int = 2) -> Iterator[dict[str, str]]:
    """A Redis and a runner that has joined by it: the settings of a server that uses them. Needs redis-server."""
    port, log = free_port(), workshop.home / "runner.log"
    shared = {"REDIS_URL": f"redis://127.0.0.1:{port}/0", "RUNNER": "redis"}
    with log.open("wb") as written:
        store = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""], stdout=written, stderr=written)
        environment = environment_of(shared | {"PROGRAMS_WARM": str(warm)})
        runner = subprocess.Popen([sys.executable, "-m", "fourhands", "runner"], env=environment, stdout=written, stderr=written, start_new_session=True)
    try:
        _wait_joined(runner, port, log)
        yield shared
    finally:
        runner.send_signal(signal.SIGTERM)
        runner.wait(30)
        store.terminate()
        store.wait(30)


def _wait_joined(runner: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    last, asked = time.monotonic() + READY_SECONDS, redis.Redis(port=port)
    while time.monotonic() < last and runner.poll() is None:
        with suppress(redis.RedisError):
            if asked.exists("{fourhands:programs}:runners"):
                return
        time.sleep(0.1)
    raise CannotJoin(f"The runner does not join; its log is {log}.")
