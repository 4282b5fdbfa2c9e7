"""The servers that are compared: how each is started, when it is ready, and how one run of the load against it is made.

A run gets a fresh process on processor 0, the load generator on processor 1, and a data folder of its own.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bench.scenarios import Scenario
from bench.workshop import HERE, Workshop

SERVER_CPU, LOAD_CPU = "0", "1"
START_SECONDS = 20
SETTLE_SECONDS = 0.6
"""After a server answers: its own start is over by then and is not measured."""
RUN_SECONDS = 200

NOT_INHERITED = ("PORT", "HOST", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "MAX_CONTENT_LENGTH", "YPERSISTENCE", "FOURHANDS_")

Run = dict[str, Any]
"""What the load generator printed, or `{"error": why}`."""


class Start(NamedTuple):
    """What a server is started with. `data`: an empty folder; `persist`: whether the peers keep documents in it too."""

    workshop: Workshop
    port: int
    data: Path
    persist: bool

    @property
    def node(self) -> str:
        assert self.workshop.node is not None, "peers were prepared"
        return str(self.workshop.node.folder / "node")


class Server(NamedTuple):
    """`mode`: the load generator's protocol; `room`: how its room names begin, with the path before them."""

    title: str
    command: Callable[[Start], list[str]]
    environment: Callable[[Start], dict[str, str]]
    mode: str = "yws"
    room: str = "r"
    ready_path: str | None = None
    package: str | None = None


def _fourhands(start: Start) -> list[str]:
    return [sys.executable, "-m", "fourhands", "serve", "--host", "127.0.0.1", "--port", str(start.port), "--data-dir", str(start.data)]


def _fourhands_environment(start: Start) -> dict[str, str]:
    """Rooms without invitations, no rate limits, and nothing else switched off: the journal runs as it always does."""
    del start
    return {"FOURHANDS_ADHOC_ROOMS": "1", "FOURHANDS_RATE_LIMITS": "off", "PYTHONPATH": str(HERE.parent / "src")}


def _yws(start: Start) -> list[str]:
    return [start.node, str(start.workshop.peers / "node_modules/@y/websocket-server/src/server.js")]


def _yws_environment(start: Start) -> dict[str, str]:
    return {"HOST": "127.0.0.1", "PORT": str(start.port), "NODE_ENV": "production"} | ({"YPERSISTENCE": str(start.data)} if start.persist else {})


def _hocuspocus(start: Start) -> list[str]:
    return [start.node, str(HERE / "peers/hocuspocus.mjs"), str(start.port)] + ([str(start.data)] if start.persist else [])


def _hocuspocus_environment(start: Start) -> dict[str, str]:
    return {"PEERS": str(start.workshop.peers), "NODE_ENV": "production"}


SERVERS = {
    "fourhands": Server("fourhands", _fourhands, _fourhands_environment, room="sync/r", ready_path="/readyz"),
    "yws": Server("@y/websocket-server", _yws, _yws_environment, package="@y/websocket-server"),
    "hp": Server("hocuspocus", _hocuspocus, _hocuspocus_environment, mode="hp", package="@hocuspocus/server"),
    "crelay": Server("bare C relay", lambda start: [str(start.workshop.crelay), str(start.port)], lambda _: {}),
}
BASE = "yws"
"""Ratios are to this one."""
DEFAULT = ("fourhands", "yws", "crelay")


def measure(workshop: Workshop, name: str, scenario: Scenario, trace: Path, *, persist: bool) -> Run:
    """One run of one scenario against a fresh process."""
    data = Path(tempfile.mkdtemp(prefix="data-", dir=workshop.home))  # on a disk: the system's temporary folder may be memory
    try:
        with _running(Start(workshop, _free_port(), data, persist), name) as (port, pids):
            return _load(workshop.loadgen, _load_words(SERVERS[name], port, pids, scenario), trace)
    except (OSError, RuntimeError) as error:
        return {"error": str(error)}
    finally:
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def _running(start: Start, name: str) -> Iterator[tuple[int, list[int]]]:
    """The server's port and processes, once it is ready. Raises `RuntimeError` if it does not start."""
    server = SERVERS[name]
    log_path = start.workshop.home / f"{name}.log"
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(NOT_INHERITED)}
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            ["taskset", "-c", SERVER_CPU, *server.command(start)],
            env=inherited | server.environment(start),
            cwd=start.data,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        if not _wait_until_ready(process, start.port, server.ready_path):
            raise RuntimeError(f"{name} does not start; its log is {log_path}")
        time.sleep(SETTLE_SECONDS)
        yield start.port, _family(process.pid)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, path: str | None) -> bool:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if _answers(port, path):
            return True
        time.sleep(0.05)
    return False


def _answers(port: int, path: str | None) -> bool:
    try:
        if path is None:
            socket.create_connection(("127.0.0.1", port), 1).close()
        else:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).close()
    except urllib.error.HTTPError:
        return False
    except OSError:
        return False
    return True


def _load_words(server: Server, port: int, pids: list[int], scenario: Scenario) -> list[str]:
    verb, *load = scenario.load.split()
    return [verb, "-p", str(port), "-m", server.mode, "-x", server.room, "-P", ",".join(map(str, pids)), *load]


def _load(loadgen: Path, words: list[str], trace: Path) -> Run:
    environment = {**os.environ, "BENCH_DATA": str(trace)}
    command = ["taskset", "-c", LOAD_CPU, str(loadgen), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, env=environment, check=False)
    except subprocess.TimeoutExpired:
        return {"error": f"not done within {RUN_SECONDS} s"}
    try:
        printed: Run = json.loads(done.stdout)
    except ValueError:
        return {"error": (done.stdout[-200:] + done.stderr[-200:]).strip() or f"the load generator ended with {done.returncode}"}
    return printed


def _family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            found += _family(int(child))
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
