"""How long our server takes to open a room and to show how it stood at some time, by text and by history; and what it keeps on disk.

Each room is brought in over WebSocket, the server is stopped, and started again for every opening.
"""

import json
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

from bench.growth import HISTORY_TEXT_BYTES, LARGE_TEXTS, OURS, before_file
from bench.runs import Run
from bench.servers import SERVERS, Start, free_port, load_words, run_load, running, scratch
from bench.table import grid
from bench.workshop import HERE, Workshop

OPENINGS = 3
WARMING = 4
SEEKS = 11
FILE_TEXT = b"file:main"


class Held(NamedTuple):
    """What a room holds: `before` as `growth.before_file` names it, or the trace."""

    title: str
    before: str | None


HELD = (
    *(Held(f"text of {size:,} bytes", f"text-{size}") for size in (10_000, 100_000, 1_000_000, 4_000_000)),
    *(Held(f"{HISTORY_TEXT_BYTES:,} bytes after {edits:,} edits", f"history-{edits}") for edits in (1_000, 10_000, 100_000, 1_000_000)),
    Held("the trace: 120,000 edits of two people", None),
)


def measure(workshop: Workshop, trace: Path) -> list[dict[str, Any]]:
    """A row for each of `HELD`; what was measured is printed as it comes."""
    print("\nopening rooms", flush=True)
    rows: list[dict[str, Any]] = []
    for held in HELD:
        with scratch(workshop) as data:
            try:
                row = _measure_one(workshop, data, held, trace)
            except (OSError, RuntimeError, ValueError) as error:
                row = {"error": str(error)}
        rows.append({"title": held.title} | row)
        print(f"  {rows[-1]}", flush=True)
    return rows


def _measure_one(workshop: Workshop, data: Path, held: Held, trace: Path) -> dict[str, Any]:
    updates = before_file(workshop, held.before, FILE_TEXT) if held.before else trace / "frames.bin"
    with _server(workshop, data) as (port, pids):
        room, token = _open_room(port)
        started_at = time.time()
        fed = _checked(run_load(workshop, [*_words(port, pids, f"flood -u sync/{room}?token={token} -s"), "-i", str(updates)], trace))
        ended_at = time.time()
    row: dict[str, Any] = {"edits": fed["n"], "edits_s": fed["per_s"], "disk": disk_bytes(data)}
    _compact(data)
    row["compacted"] = disk_bytes(data)
    times = [int((started_at + (ended_at - started_at) * step / (SEEKS - 1)) * 1000) for step in range(SEEKS)]
    opened: list[float] = []
    sought: list[float] = []
    for _ in range(OPENINGS):
        with _server(workshop, data) as (port, pids):
            for number in range(WARMING):  # the first rooms of a process cost what it makes only once
                run_load(workshop, _words(port, pids, f"open -u sync/first{number}"), trace)
            run = _checked(run_load(workshop, _words(port, pids, f"open -u sync/{room}?token={token}"), trace))
            opened.append(run["open_ms"])
            row["sent"] = run["step2_bytes"]
            sought += [took for at in times if (took := _seek(port, room, token, at)) is not None]
    row |= {"open_ms": statistics.median(opened)}
    return row | ({"seek_ms": round(statistics.median(sought), 1), "seek_ms_max": round(max(sought), 1)} if sought else {})


def _server(workshop: Workshop, data: Path) -> AbstractContextManager[tuple[int, list[int]]]:
    return running(Start(workshop, free_port(), data, persist=False), OURS, LARGE_TEXTS, signal.SIGTERM)


def _words(port: int, pids: list[int], load: str) -> list[str]:
    return load_words(SERVERS[OURS], port, pids, load)


def _checked(run: Run) -> Run:
    if "error" in run or run["dead"]:
        raise RuntimeError(run.get("error", "the connection broke"))
    return run


def _open_room(port: int) -> tuple[str, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/rooms", b"{}", {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        opened = json.load(answer)
    return opened["id"], opened["token"]


def _seek(port: int, room: str, token: str, at_ms: int) -> float | None:
    """The milliseconds until the texts as they stood then are there; None if the server does not show them."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/rooms/{room}/history?at={at_ms}", headers={"Authorization": f"Bearer {token}"})
    start = time.perf_counter()
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
    except urllib.error.HTTPError:
        return None
    return (time.perf_counter() - start) * 1000


def _compact(data: Path) -> None:
    """Let the server's own command make the journal as small as it will get in the long run."""
    command = [sys.executable, "-m", "fourhands", "journal", "compact", "--data-dir", str(data)]
    subprocess.run(command, capture_output=True, check=False, env={"PYTHONPATH": str(HERE.parent / "src")})


def disk_bytes(data: Path) -> int:
    """What the database takes on disk: its pages that are in use, and its log."""
    used = 0
    for path in data.glob("*.db"):
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            pages, free, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size"))
        finally:
            connection.close()
        used += (pages - free) * size
    return used


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """The table, as it stands in docs/performance.md."""
    head = ["the room holds", "opening, ms", "seeking: half, ms", "all, ms", "KB sent", "on disk, KB", "bytes an edit", "in the long run, KB", "bytes an edit"]
    return grid([head, *map(_row, rows)])


def _row(row: Mapping[str, Any]) -> list[str]:
    if "error" in row:
        return [row["title"], f"failed: {row['error']}", *[""] * 7]
    seeking = [f"{row[key]:.1f}" if key in row else "-" for key in ("seek_ms", "seek_ms_max")]
    disk = [f"{row[key] / 1000:,.0f}" for key in ("disk", "compacted")]
    each = [f"{row[key] / row['edits']:.1f}" if row["edits"] >= 1000 else "" for key in ("disk", "compacted")]
    return [row["title"], f"{row['open_ms']:.1f}", *seeking, f"{row['sent'] / 1000:,.0f}", disk[0], each[0], disk[1], each[1]]
