"""Several instances beside one, and beside hocuspocus with its Redis extension: what the bus adds to an edit's way and to a delivery's cost.

Servers, Redis and PostgreSQL share processor 0, the load generator has processor 1; what each of the three takes is counted apart. Every case has
fresh processes and an empty database. Programs are off: they have runners of their own where there are several instances.
"""

import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.runs import Run, is_disturbed, least_disturbed
from bench.servers import SERVER_CPU, SERVERS, Start, complaints, free_port, load_words, log_of, run_load, running, scratch
from bench.workshop import Workshop
from tests.postgres_server import MISSING as NO_POSTGRES
from tests.postgres_server import PostgresServer
from tests.redis_server import PROGRAM as REDIS
from tests.redis_server import RedisServer


class CannotCompare(Exception):
    """No several instances here; the message says why."""


class Setup(NamedTuple):
    """What is started. `database`: PostgreSQL, which hocuspocus has no use for."""

    title: str
    server: str = "fourhands"
    instances: int = 1
    database: bool = True
    redis: bool = True


SETUPS = {
    "sqlite": Setup("one instance, SQLite", database=False, redis=False),
    "alone": Setup("one instance, PostgreSQL", redis=False),
    "joined": Setup("one instance, PostgreSQL, Redis"),
    "two": Setup("two instances", instances=2),
    "three": Setup("three instances", instances=3),
    "hp": Setup("hocuspocus", "hp", database=False, redis=False),
    "hp-two": Setup("two hocuspocus", "hp", instances=2, database=False),
}
LAYOUTS = {"spread": "a room's people spread", "kept": "each room at one", "first": "both people at one"}
"""Where people are: in turn at the instances, each room as a whole at one of them, or all at the first."""


class Case(NamedTuple):
    """A set-up and the layouts that are measured on its processes, one after the other."""

    setup: str
    layouts: tuple[str, ...] = ("spread",)


class Part(NamedTuple):
    """`load`: words for the load generator."""

    title: str
    load: str
    cases: tuple[Case, ...]


PARTS = {
    "latency": Part(
        "1 room, 2 people, 10 edits/s",
        "run -R 1 -c 2 -r 10 -d 10 -w 1",
        (Case("alone"), Case("two", ("first", "spread")), Case("hp-two", ("first", "spread"))),
    ),
    "cost": Part(
        "200 rooms of 4 at 10 edits/s",
        "run -R 200 -c 4 -r 10 -d 3.5 -w 0.7",
        (*map(Case, ("sqlite", "alone", "joined")), Case("two", ("kept",)), *map(Case, ("two", "three", "hp", "hp-two"))),
    ),
    "pairs": Part("200 rooms of 2 at 10 edits/s", "run -R 200 -c 2 -r 10 -d 3.5 -w 0.7", (Case("alone"),)),
    "capacity": Part(
        "rooms of 4 at 20 edits/s, more and more, on one processor",
        "ramp -R 800 -c 4 -r 20 -d 1.5 -S 40,1.35,11",
        tuple(map(Case, ("alone", "two", "three", "hp-two"))),
    ),
    "many": Part(
        "10,000 people in 2,500 rooms, 1,000 of them typing 5 edits/s with cursors",
        "run -R 2500 -c 4 -a 1000 -W 1 -r 5 -A -d 8 -w 2",
        (Case("alone"), Case("two")),
    ),
}

Found = dict[str, dict[str, list[Run]]]
"""Part -> `SETUP/LAYOUT` -> a run of each round."""


def require_backends() -> None:
    """Raises `CannotCompare`."""
    if missing := NO_POSTGRES or ("" if REDIS else "redis-server is not installed"):
        raise CannotCompare(missing)


class Place(NamedTuple):
    """Where cases are measured."""

    workshop: Workshop
    trace: Path
    postgres: PostgresServer


class Started(NamedTuple):
    """Ports and processes of the instances, and the processes that they use, by name."""

    ports: Sequence[int]
    pids: Sequence[int]
    beside: Mapping[str, int]


def measure_round(workshop: Workshop, trace: Path, part: str, repeat: int, found: Found) -> None:
    """Every case of a part once, added to what was found. Raises `CannotCompare`."""
    require_backends()
    with _database_server() as postgres:
        place = Place(workshop, trace, postgres)
        print(f"\n{part}: {PARTS[part].title}", flush=True)
        for case in PARTS[part].cases:
            for layout, run in _undisturbed(place, PARTS[part], case, repeat).items():
                found.setdefault(part, {}).setdefault(f"{case.setup}/{layout}", []).append(run)
                print(f"  {case.setup + '/' + layout:16}{_line(run)}", flush=True)


def _undisturbed(place: Place, part: Part, case: Case, repeat: int) -> Mapping[str, Run]:
    attempts: list[dict[str, Run]] = []
    for _ in range(1 + repeat):
        attempts.append(_measure_case(place, part, case))
        if not any(is_disturbed(run) for run in attempts[-1].values()):
            return attempts[-1]
    return {layout: least_disturbed([attempt[layout] for attempt in attempts]) for layout in case.layouts}


def _measure_case(place: Place, part: Part, case: Case) -> dict[str, Run]:
    setup = SETUPS[case.setup]
    try:
        with _started(place, setup) as started:
            return {layout: _one(place, setup, started, part.load, layout) for layout in case.layouts}
    except (OSError, RuntimeError, AssertionError) as error:
        return {layout: {"error": str(error)} for layout in case.layouts}


def _one(place: Place, setup: Setup, started: Started, load: str, layout: str) -> Run:
    server = SERVERS[setup.server]
    words = load_words(server._replace(room=f"{server.room}{layout}"), started.ports[0], list(started.pids), load)
    words[words.index("-p") + 1] = ",".join(map(str, started.ports[:1] if layout == "first" else started.ports))
    words += ["-B"] if layout == "kept" else []
    for pid in started.beside.values():
        words += ["-Q", str(pid)]
    run = run_load(place.workshop, words, place.trace)
    for at, name in enumerate(started.beside):
        _rename(run, f"beside{at}_per_100k", f"{name}_per_100k")
    return run | {"log_errors": sum(complaints(log_of(place.workshop, _log_name(number))) for number in range(setup.instances))}


def _rename(run: Run, old: str, new: str) -> None:
    for one in (run, *run.get("windows", ()), *run.get("steps", ())):
        if old in one:
            one[new] = one.pop(old)


def _line(run: Run) -> str:
    if "error" in run:
        return f"failed: {run['error']}"
    shown = ("p50", "p99", "cpu_per_100k", "redis_per_100k", "postgres_per_100k", "max_deliv_s", "rss_mb", "missing", "dead", "log_errors", "foreign")
    return "; ".join(f"{key} {run[key]:,.3f}" for key in shown if key in run)


# ---- what is started ---------------------------------------------------------------------------------------------------


@contextmanager
def _bound(processor: str) -> Iterator[None]:
    """What is started in here stays on that processor."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {int(processor)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def _database_server() -> Iterator[PostgresServer]:
    """On a disk, in a folder that PostgreSQL's user reaches: whoever measures may be root."""
    folder = Path(tempfile.mkdtemp(prefix="fourhands-bench-", dir="/var/tmp"))
    folder.chmod(0o755)
    server = PostgresServer(folder / "postgres")
    try:
        with _bound(SERVER_CPU):
            server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _log_name(number: int) -> str:
    return f"instance{number}"


@contextmanager
def _started(place: Place, setup: Setup) -> Iterator[Started]:
    """Raises `RuntimeError` and `AssertionError` for what does not start."""
    with ExitStack() as stack:
        environment: dict[str, str] = {"SECRET_KEY": secrets.token_hex(32), "FOURHANDS_RUNNER": "off"}
        beside: dict[str, int] = {}
        if setup.redis:
            redis = RedisServer()
            with _bound(SERVER_CPU):
                redis.start()
            stack.callback(redis.stop)
            environment |= {"REDIS_PORT": str(redis.port)} if setup.server == "hp" else {"REDIS_URL": redis.url}
            beside["redis"] = redis.pid
        if setup.database:
            database = place.postgres.create()
            stack.callback(place.postgres.drop, database)
            environment["DATABASE_URL"] = place.postgres.url(database)
            beside["postgres"] = place.postgres.pid
        ports, pids = list[int](), list[int]()
        for number in range(setup.instances):
            data = stack.enter_context(scratch(place.workshop))
            start = Start(place.workshop, free_port(), data, persist=False)
            port, family = stack.enter_context(running(start, setup.server, environment, signal.SIGKILL, _log_name(number)))
            ports.append(port)
            pids += family
        yield Started(ports, pids, beside)
