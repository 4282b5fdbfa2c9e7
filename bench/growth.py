"""How the cost of a delivery grows with rooms, people, text and history. `draw` puts the plots beside docs/performance.md.

Each point is a fresh server; it is measured three times in a row, and the plots show the medians.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from bench import documents, plot
from bench.runs import Run, is_disturbed, least_disturbed
from bench.servers import SERVERS, Start, free_port, load_words, run_load, running, scratch
from bench.table import grid
from bench.workshop import Workshop, made_file
from bench.yjs_text import TEXT_NAME

FLOOR = "crelay"
OURS = "fourhands"

MEASURED = "-d 1.2 -w 0.7 -k 3"
PEOPLE = 600
EDITS_A_SECOND = 2000
HISTORY_TEXT_BYTES = 10_000
LARGE_TEXTS = {"FOURHANDS_TEXT_BYTES": "20000000", "FOURHANDS_DOCUMENT_BYTES": "100000000"}
"""The limits that a text of 10 MB needs; both are far lower by default."""


class Point(NamedTuple):
    """`size`: where it stands on the x axis; `before`: the file of updates that its rooms hold before."""

    size: int
    load: str
    before: str | None = None


class Series(NamedTuple):
    """What grows. `floor`: the bare relay is measured beside it, to tell the kernel's share."""

    title: str
    axis: str
    points: tuple[Point, ...]
    floor: bool = False


SERIES = {
    "rooms": Series(
        f"{EDITS_A_SECOND:,} edits/s over more and more rooms of 2 people",
        "rooms",
        tuple(Point(rooms, f"run -R {rooms} -c 2 -r {EDITS_A_SECOND / rooms:g} {MEASURED}") for rooms in (10, 30, 100, 300, 1000, 2500, 5000)),
        floor=True,
    ),
    "people": Series(
        f"{PEOPLE} people in fewer and fewer, larger rooms of 10 edits/s",
        "people in a room",
        tuple(Point(people, f"run -R {PEOPLE // people} -c {people} -r 10 {MEASURED}") for people in (2, 5, 10, 30, 100, 300)),
        floor=True,
    ),
    "text": Series(
        "5 rooms of 4 people at 200 edits/s, whose texts are large",
        "bytes of text",
        tuple(Point(size, f"run -R 5 -c 4 -r 200 {MEASURED}", f"text-{size}") for size in (1_000, 10_000, 100_000, 1_000_000, 10_000_000)),
    ),
    "history": Series(
        "1 room of 4 people at 1,000 edits/s, with 10 KB of text and a long past",
        "edits before",
        tuple(Point(edits, f"run -R 1 -c 4 -r 1000 {MEASURED}", f"history-{edits}") for edits in (1_000, 10_000, 100_000, 1_000_000)),
    ),
}

Grown = Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]
"""Series -> server -> its points: `size`, `cpu_us` a delivery, `p99_ms`, `rss_mb`, and `lost`, `disturbed` or `error` if there is something to tell."""


def measure(workshop: Workshop, trace: Path, repeat: int) -> Grown:
    """Every point of every series; what was measured is printed as it comes."""
    grown: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for name, series in SERIES.items():
        print(f"\n{name}: {series.title}", flush=True)
        grown[name] = {server: [] for server in ((OURS, FLOOR) if series.floor else (OURS,))}
        for point in series.points:
            for server, points in grown[name].items():
                points.append(told(point.size, _measure_point(workshop, server, point, trace, repeat)))
                print(f"  {server:10}{points[-1]}", flush=True)
    return grown


def _measure_point(workshop: Workshop, server: str, point: Point, trace: Path, repeat: int) -> Run:
    attempts: list[Run] = []
    for _ in range(1 + repeat):
        attempts.append(_once(workshop, server, point, trace))
        if not is_disturbed(attempts[-1]):
            break
    return least_disturbed(attempts)


def _once(workshop: Workshop, server: str, point: Point, trace: Path) -> Run:
    before = ["-i", str(before_file(workshop, point.before))] if point.before else []
    with scratch(workshop) as data:
        start = Start(workshop, free_port(), data, persist=False)
        try:
            with running(start, server, LARGE_TEXTS) as (port, pids):
                return run_load(workshop, [*load_words(SERVERS[server], port, pids, point.load), *before], trace)
        except (OSError, RuntimeError) as error:
            return {"error": str(error)}


def before_file(workshop: Workshop, name: str, text: bytes = TEXT_NAME) -> Path:
    """The file of updates of a top-level text, called `text-BYTES` or `history-EDITS`; made if it is not there."""
    kind, _, size = name.partition("-")
    updates = documents.pasted_text(int(size), text) if kind == "text" else documents.typed_history(int(size), HISTORY_TEXT_BYTES, text)
    path = workshop.home / f"{text.decode().replace(':', '-')}-{name}-{documents.VERSION}.bin"
    return made_file(path, lambda unfinished: documents.write_updates(unfinished, updates))


def told(size: int, run: Run) -> dict[str, Any]:
    """A run as a point of a plot."""
    if "error" in run:
        return {"size": size, "error": run["error"]}
    point: dict[str, Any] = {
        "size": size,
        "cpu_us": round(run["cpu_per_100k"] * 10, 2),
        "p99_ms": round(run["p99"], 2),
        "rss_mb": round(run["rss_mb"], 1),
    }
    if missing := run["missing"] + run["dead"]:
        point["lost"] = missing
    if is_disturbed(run):
        point["disturbed"] = True
    return point


# ---- what is told ------------------------------------------------------------------------------------------------------


def markdown(grown: Grown) -> str:
    """A table of each series."""
    return "\n\n".join(f"{SERIES[name].title}:\n\n{grid(_rows(name, servers))}" for name, servers in grown.items())


def _rows(name: str, servers: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[list[str]]:
    head = [SERIES[name].axis, "processor us a delivery", "99 % within, ms", "resident MB"]
    rows = [head + ([f"{SERVERS[FLOOR].title}: us", "ms"] if FLOOR in servers else [])]
    for index, point in enumerate(servers[OURS]):
        row = [f"{point['size']:,}", *_figures(point, ("cpu_us", "p99_ms", "rss_mb"))]
        if FLOOR in servers:
            row += _figures(servers[FLOOR][index], ("cpu_us", "p99_ms"))
        rows.append(row)
    return rows


def _figures(point: Mapping[str, Any], keys: Sequence[str]) -> list[str]:
    if "error" in point:
        return ["failed", *[""] * (len(keys) - 1)]
    figures = [f"{point[key]:.4g}" for key in keys]
    remarks = ", ".join(chain((f"{point['lost']} lost",) if "lost" in point else (), ("disturbed",) if "disturbed" in point else ()))
    return [*figures[:-1], f"{figures[-1]} ({remarks})" if remarks else figures[-1]]


def draw(grown: Grown, folder: Path) -> None:
    """One SVG a series, and all numbers in growth.json, from which `python -m bench.growth FOLDER` draws them again."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "growth.json").write_text(_lines(grown))
    for name, servers in grown.items():
        (folder / f"{name}.svg").write_text(plot.figure(SERIES[name].title, [_panel(name, servers, "cpu_us"), _panel(name, servers, "p99_ms")]))


def _lines(grown: Grown) -> str:
    """JSON with one point a line."""
    parts = [
        f'"{name}": {{\n' + ",\n".join(f'"{server}": [\n' + ",\n".join(map(json.dumps, points)) + "\n]" for server, points in servers.items()) + "\n}"
        for name, servers in grown.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _panel(name: str, servers: Mapping[str, Sequence[Mapping[str, Any]]], key: str) -> plot.Panel:
    title = {"cpu_us": "processor time a delivery, µs", "p99_ms": "99 % of edits arrive within, ms"}[key]
    lines = {SERVERS[server].title: [(point["size"], point[key]) for point in points if key in point] for server, points in servers.items()}
    return plot.Panel(title, SERIES[name].axis, lines)
