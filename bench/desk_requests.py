"""What an open administrator's desk costs the server's processor: `python -m bench.desk_requests`, two minutes, no browser.

One desk costs less than what two pieces of a load differ by. So here its requests come forty times as often, by turns with none at all, and each makes
its table anew, though a server makes one for all who ask within 1.5 seconds: what is found for one request is no less than what it costs in life.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import deque
from collections.abc import Sequence
from typing import Any

from bench.compare import allow_many_connections
from bench.desk import LOGIN, PASSWORD, WITHOUT_PROGRAMS, make_administrator, seconds_of
from bench.servers import LOAD_CPU, SERVERS, Start, free_port, load_words, running, scratch
from bench.workshop import HERE, Workshop, default_home, generated_trace, prepare, require_two_processors

OURS = "fourhands"
EVERY_SECONDS = 2.0
"""How often an open desk asks (web/src/panels/admin/watch.ts): for the figures, and for the table that is seen."""
TABLES = ("rooms", "people")
EACH_TIME_ANEW = "import fourhands.desk.tables as tables\ntables.FRESH_SECONDS = 0.0\n"
"""As a `sitecustomize` of the server that is measured (Python's `site`)."""


class Asker:
    """Asks as desks do, each for what changed since it asked last, but many of them."""

    def __init__(self, url: str) -> None:
        self.url = url
        body = json.dumps({"login": LOGIN, "password": PASSWORD, "tokens": "body"}).encode()
        self._token = ""
        self._token = self._get("login", body)["access_token"]

    def _get(self, path: str, body: bytes | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.url}/api/{path}", body, headers)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)

    def ask(self, table: str, rate: float, seconds: float) -> tuple[int, int]:
        """How often it asked in that time, and how many rows an answer had in the middle; `rate`: desks that ask in a second."""
        known = deque([(time.monotonic(), self._get(f"admin/{table}")["tick"])])
        after, rows, began = self._get("admin/stats")["now"], list[int](), time.monotonic()
        while (now := time.monotonic()) - began < seconds:
            while len(known) > 1 and now - known[1][0] >= EVERY_SECONDS:
                known.popleft()
            after = max([after, *(one["at"] for one in self._get(f"admin/stats?after={after}")["samples"])])
            told = self._get(f"admin/{table}?since={known[0][1]}")
            known.append((now, told["tick"]))
            rows.append(len(told["rows"]))
            time.sleep(max(0.0, began + len(rows) / rate - time.monotonic()))
        return len(rows), int(statistics.median(rows))


def compare(asker: Asker, pids: Sequence[int], options: argparse.Namespace) -> dict[str, Any]:
    """For each table: milliseconds of the processor that a desk's two requests take, turn by turn, and percent of a core for one desk."""
    found: dict[str, list[float]] = {table: [] for table in TABLES}
    rows: dict[str, int] = {}
    without: list[float] = []

    def piece(table: str | None) -> float:
        before, began, asked = seconds_of(pids), time.monotonic(), 0
        if table is None:
            time.sleep(options.piece)
        else:
            asked, rows[table] = asker.ask(table, options.rate, options.piece)
        used, passed = seconds_of(pids) - before, time.monotonic() - began
        if table is None:
            without.append(used / passed)
            return 0.0
        return (used / passed - without[-1]) * passed / asked

    for _ in range(options.turns):
        for table in TABLES:
            piece(None)
            found[table].append(piece(table))
            print(f"{table}: {found[table][-1] * 1000:.2f} ms, without {without[-1] * 100:.1f} %", flush=True)
    told = {
        table: {
            "milliseconds": [round(one * 1000, 2) for one in each],
            "percent_of_a_core": round(statistics.mean(each) / EVERY_SECONDS * 100, 2),
            "rows": rows[table],
        }
        for table, each in found.items()
    }
    return {"without_percent": [round(one * 100, 1) for one in without], **told}


def measure(workshop: Workshop, options: argparse.Namespace) -> dict[str, Any]:
    """One server on a processor of its own, the load and the desks on the other. Raises `RuntimeError`."""
    os.sched_setaffinity(0, {int(LOAD_CPU)})
    with scratch(workshop) as data:
        make_administrator(data)
        (data / "sitecustomize.py").write_text(EACH_TIME_ANEW)
        environment = {**WITHOUT_PROGRAMS, "PYTHONPATH": os.pathsep.join(map(str, (data, HERE.parent / "src")))}
        load = f"run -R {options.rooms} -c {options.people} -a {options.typing} -W 1 -r {options.rate_of_edits} -A -d {options.seconds} -w 1"
        with running(Start(workshop, free_port(), data, persist=False), OURS, environment) as (port, pids):
            words = load_words(SERVERS[OURS], port, pids, load)
            trace = {**os.environ, "BENCH_DATA": str(generated_trace(workshop.home))}
            with subprocess.Popen([str(workshop.loadgen), *words], env=trace, stdout=subprocess.DEVNULL) as generator:
                try:
                    time.sleep(options.join)
                    found = compare(Asker(f"http://127.0.0.1:{port}"), pids[:1], options)
                    if generator.poll() is not None:
                        raise RuntimeError("the load ended before the measurement: give more --seconds")
                finally:
                    generator.kill()
    return {"load": load, **found}


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.desk_requests", description="What an open desk costs the server.")
    parser.add_argument("--rooms", type=int, default=1000)
    parser.add_argument("--people", type=int, default=5, help="in each room (default: 5)")
    parser.add_argument("--typing", type=int, default=200, help="rooms in which somebody types (default: 200)")
    parser.add_argument("--rate-of-edits", type=float, default=2, help="edits a second there, each with a cursor (default: 2)")
    parser.add_argument("--rate", type=float, default=20, help="desks that ask in a second (default: 20)")
    parser.add_argument("--piece", type=float, default=6, help="seconds of each piece of a measurement (default: 6)")
    parser.add_argument("--turns", type=int, default=4)
    parser.add_argument("--join", type=float, default=12, help="seconds until everybody is in (default: 12)")
    parser.add_argument("--seconds", type=int, default=300, help="how long the load lasts at most")
    options = parser.parse_args(words)
    require_two_processors()
    allow_many_connections()
    print(json.dumps(measure(prepare(default_home(), peers=False), options), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
