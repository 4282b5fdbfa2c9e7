"""The servers that are compared: how each is started, when it is ready, and how one run of the load against it is made.

A run gets a fresh process on processor 0, the load generator on processor 1, and a data folder of its own.
"""

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
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from bench.lost import lost_updates
from bench.runs import Run, read_run
from bench.scenarios import Scenario
from bench.workshop import HERE, Workshop

SERVER_CPU, LOAD_CPU = "0", "1"
START_SECONDS = 20
SETTLE_SECONDS = 0.6
"""After a server answers: its own start is over by then and is not measured."""
RUN_SECONDS = 200
STOP_SECONDS = 30

NOT_INHERITED = ("PORT", "HOST", "DATABASE_URL", "REDIS_", "SECRET_KEY", "MAX_CONTENT_LENGTH", "YPERSISTENCE", "FOURHANDS_")


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
    """`mode`: the load generator's protocol; `room`: how its room names begin, with the path before them.

    `documents`: whether it keeps any; `saved`: whether it says which updates are durable.
    """

    title: str
    command: Callable[[Start], list[str]]
    environment: Callable[[Start], dict[str, str]]
    mode: str = "yws"
    room: str = "r"
    ready_path: str | None = None
    package: str | None = None
    documents: bool = True
    saved: bool = False


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


def _picows(start: Start) -> list[str]:
    return [sys.executable, str(HERE / "peers/picows_relay.py"), str(start.port)]


def _picows_environment(start: Start) -> dict[str, str]:
    del start
    return {"PYTHONPATH": str(HERE.parent / "src")}


SERVERS = {
    "fourhands": Server("fourhands", _fourhands, _fourhands_environment, room="sync/r", ready_path="/readyz", saved=True),
    "yws": Server("@y/websocket-server", _yws, _yws_environment, package="@y/websocket-server"),
    "hp": Server("hocuspocus", _hocuspocus, _hocuspocus_environment, mode="hp", package="@hocuspocus/server"),
    "picows": Server("bare relay on picows", _picows, _picows_environment, documents=False),
    "crelay": Server("bare C relay", lambda start: [str(start.workshop.crelay), str(start.port)], lambda _: {}, documents=False),
}
BASE = "yws"
"""Ratios are to this one."""
DEFAULT = ("fourhands", "yws", "hp", "crelay")


def takes_part(name: str, scenario: Scenario) -> bool:
    """Whether a scenario asks nothing of a server that it does not have."""
    return SERVERS[name].documents or not scenario.document


def measure(workshop: Workshop, name: str, scenario: Scenario, trace: Path, *, persist: bool) -> Run:
    """One run of one scenario against a fresh process."""
    with scratch(workshop) as data:
        document = data / "document"
        (data / "kept").mkdir()
        start = Start(workshop, free_port(), data / "kept", persist)
        try:
            with running(start, name) as (port, pids):
                words = load_words(SERVERS[name], port, pids, scenario.load)
                run = run_load(workshop, [*words, "-o", str(document)] if words[0] == "flood" else words, trace)
        except (OSError, RuntimeError) as error:
            return {"error": str(error)}
        if "all" in run:
            run["missing"] = lost_updates(trace / "frames.bin", run["n"], document.read_bytes()) if document.exists() else run["n"]
        return run | {"log_errors": complaints(log_of(workshop, name))}


@contextmanager
def scratch(workshop: Workshop) -> Iterator[Path]:
    """An empty folder, on a disk: the system's temporary folder may be memory."""
    folder = Path(tempfile.mkdtemp(prefix="data-", dir=workshop.home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(
    start: Start, name: str, environment: dict[str, str] | None = None, end: signal.Signals = signal.SIGKILL, log_name: str = ""
) -> Iterator[tuple[int, list[int]]]:
    """The server's port and processes, once it is ready; `end` ends it. Raises `RuntimeError` if it does not start."""
    server = SERVERS[name]
    log_path = log_of(start.workshop, log_name or name)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(NOT_INHERITED)}
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            ["taskset", "-c", SERVER_CPU, *server.command(start)],
            env=inherited | server.environment(start) | (environment or {}),
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
        _end(process, end)


def _end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it has ended by itself
        os.killpg(process.pid, how)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def log_of(workshop: Workshop, name: str) -> Path:
    """Where a server's log goes."""
    return workshop.home / f"{name}.log"


def complaints(log: Path) -> int:
    """How many errors a server's log holds."""
    return sum(b"Traceback" in line or b"[error" in line for line in log.read_bytes().splitlines())


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


def load_words(server: Server, port: int, pids: list[int], load_text: str) -> list[str]:
    """The load generator's command line for a load against a server."""
    verb, *load = load_text.split()
    saved = ["-s"] if verb == "flood" and server.saved else []
    return [verb, "-p", str(port), "-m", server.mode, "-x", server.room, "-P", ",".join(map(str, pids)), *saved, *load]


def run_load(workshop: Workshop, words: list[str], trace: Path) -> Run:
    """What the load generator measured, or why it did not."""
    environment = {**os.environ, "BENCH_DATA": str(trace)}
    command = ["taskset", "-c", LOAD_CPU, str(workshop.loadgen), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, env=environment, check=False)
    except subprocess.TimeoutExpired:
        return {"error": f"not done within {RUN_SECONDS} s"}
    try:
        return read_run(done.stdout)
    except ValueError:
        return {"error": (done.stdout[-200:] + done.stderr[-200:]).strip() or f"the load generator ended with {done.returncode}"}


def _family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            found += _family(int(child))
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
