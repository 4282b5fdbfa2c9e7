"""How well the desk's estimate of a room's memory fits: rooms of some shapes are brought into a server, it is started anew, people join them, and what it says
of all of them together is put beside what its process has grown by. `python -m bench.room_memory [nothing] [text] [history]`, some minutes; docs/performance.md
has what came of it.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

from bench.compare import allow_many_connections
from bench.desk import LOGIN, OURS, PASSWORD, WITHOUT_PROGRAMS, make_administrator
from bench.growth import LARGE_TEXTS, before_file
from bench.opening import FILE_TEXT
from bench.servers import LOAD_CPU, SERVERS, Start, free_port, load_words, running, scratch
from bench.table import grid
from bench.workshop import Workshop, default_home, generated_trace, prepare

MOST_SECONDS = 90
SETTLE_SECONDS = 6.0
"""Until what was only needed to bring the rooms in was given back."""
MB = 1024 * 1024


class Shape(NamedTuple):
    """`before`: what each room holds, as `growth.before_file` names it."""

    rooms: int
    people: int
    before: str | None = None


SHAPES = (
    Shape(1000, 1),
    Shape(1000, 5),
    Shape(50, 100),
    Shape(200, 2, "text-10000"),
    Shape(60, 2, "text-100000"),
    Shape(10, 2, "text-1000000"),
    Shape(200, 2, "history-1000"),
    Shape(60, 2, "history-10000"),
    Shape(10, 2, "history-100000"),
)


def measure(workshop: Workshop, shape: Shape) -> dict[str, Any]:
    """Raises `RuntimeError` if not everybody comes in."""
    with scratch(workshop) as data:
        make_administrator(data)
        if shape.before:
            brought = ["-i", str(before_file(workshop, shape.before, FILE_TEXT))]
            with server(workshop, data) as (port, pids):
                subprocess.run(
                    load_command(workshop, port, pids, f"run -R {shape.rooms} -c 2 -W 1 -r 1 -d 0.5 -w 0.1", brought), **quietly(workshop), check=True
                )
        with server(workshop, data) as (port, pids):
            asked = Asked(port)
            _ = asked.rooms()  # what the first question needs is not the rooms'
            before = resident_bytes(pids[0])
            words = f"run -R {shape.rooms} -c {shape.people} -W 1 -r 0.01 -d {MOST_SECONDS} -w 0.1"
            with subprocess.Popen(load_command(workshop, port, pids, words), **quietly(workshop)) as load:
                try:
                    asked.wait_for(shape.rooms * shape.people)
                    time.sleep(SETTLE_SECONDS)
                    rows = asked.rooms()
                    grown = resident_bytes(pids[0]) - before
                finally:
                    load.kill()
    rows = [row for row in rows if row["people"]]
    said = sum(row["memory_bytes"] for row in rows)
    document = sum(row["document_bytes"] for row in rows)
    return {
        **shape._asdict(),
        "seen": len(rows),
        "document_bytes": document // len(rows),
        "grown_kb": grown / len(rows) / 1024,
        "said_kb": said / len(rows) / 1024,
    }


def server(workshop: Workshop, data: Path) -> AbstractContextManager[tuple[int, list[int]]]:
    """It ends in order: rooms are as they are after a night."""
    return running(Start(workshop, free_port(), data, persist=False), OURS, LARGE_TEXTS | WITHOUT_PROGRAMS, signal.SIGTERM)


def load_command(workshop: Workshop, port: int, pids: list[int], load: str, more: Sequence[str] = ()) -> list[str]:
    return ["taskset", "-c", LOAD_CPU, str(workshop.loadgen), *load_words(SERVERS[OURS], port, pids, load), *more]


def quietly(workshop: Workshop) -> dict[str, Any]:
    return {"env": {**os.environ, "BENCH_DATA": str(generated_trace(workshop.home))}, "stdout": subprocess.DEVNULL}


class Asked:
    """The desk, as an administrator asks it."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"
        body = json.dumps({"login": LOGIN, "password": PASSWORD, "tokens": "body"}).encode()
        request = urllib.request.Request(f"{self._url}/api/login", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            self._token = json.load(answer)["access_token"]

    def rooms(self) -> list[dict[str, Any]]:
        return self._get("/api/admin/rooms")["rows"]

    def wait_for(self, connections: int) -> None:
        """Until so many are there, by the figures: to ask for rooms would measure their texts. Raises `RuntimeError`."""
        end = time.monotonic() + MOST_SECONDS
        while time.monotonic() < end:
            samples = self._get("/api/admin/stats")["samples"]
            if samples and samples[-1]["connections"] >= connections:
                return
            time.sleep(0.5)
        raise RuntimeError("not everybody came in")

    def _get(self, path: str) -> Any:
        request = urllib.request.Request(f"{self._url}{path}", headers={"Authorization": f"Bearer {self._token}"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main(words: list[str]) -> int:
    allow_many_connections()
    workshop = prepare(default_home(), peers=False)
    rows = [["rooms", "people in each", "each holds", "document, KB", "grown for each, KB", "the desk says, KB", "error"]]
    for shape in (shape for shape in SHAPES if not words or any((shape.before or "nothing").startswith(word) for word in words)):
        found = measure(workshop, shape)
        error = (found["said_kb"] / found["grown_kb"] - 1) * 100
        figures = [f"{found['document_bytes'] / 1024:,.0f}", f"{found['grown_kb']:,.0f}", f"{found['said_kb']:,.0f}", f"{error:+.0f} %"]
        rows.append([f"{shape.rooms:,}", str(shape.people), shape.before or "nothing", *figures])
        print(found, flush=True)
    print(grid(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
