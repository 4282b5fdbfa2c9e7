"""How long a program takes on our server, to its first byte and its end, beside the same program as a bare process; many at once; and
what others' edits cost meanwhile.

Everything shares the machine as it does in life; nothing is bound to a processor that our settings do not bind. Only what stands for
people elsewhere keeps out of the way where it may (as root), with the queue empty and full alike: the load generator goes before
everything and sleeps between two edits, and who asks for programs takes what nobody else wants.
"""

import asyncio
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import websockets
from pycrdt import Doc, Text

from bench.runs import read_run
from bench.servers import SERVERS, free_port, scratch
from bench.shared_runner import CannotJoin, shared_runner
from bench.table import grid
from bench.workshop import HERE, Workshop
from fourhands.protocol import sync

TIMES = 30
PAUSE_SECONDS = 0.15
"""Between two: what waits ready is made again meanwhile."""
AT_ONCE = 50
PYTHON = "/usr/bin/python3"
"""The one that sandboxes see."""
HELLO = "print('hello')"
SPIN = "import time\nend = time.monotonic() + 0.5\nwhile time.monotonic() < end: pass"
WAITING = 60
"""Programs that wait while edits are measured; 64 may."""
EDITS = "-R 20 -c 2 -r 10 -d 6 -w 0.5 -y"
"""Rooms, people in each, edits a second, seconds; between edits it sleeps."""
ROUNDS = 3
TOKEN = "a-token-of-the-benchmark"
READY_SECONDS = 60
Found = dict[str, float]


class CannotRun(Exception):
    """No programs run here; the message says why."""


def measure(workshop: Workshop, trace: Path) -> Found | str:
    """Milliseconds, medians; what was measured is printed as it comes. Why no programs run here, where they do not."""
    print("\nrunning programs", flush=True)
    found = _measure_bare()
    try:
        for name, warm in (("cold", 0), ("warm", 2)):
            with scratch(workshop) as data, _running(workshop, data, warm) as port:
                found |= {f"{name}_{key}": value for key, value in asyncio.run(_measure_programs(port)).items()}
                print(f"  {found}", flush=True)
                if warm:
                    found |= asyncio.run(_measure_edits(workshop, trace, port))
        found |= measure_shared(workshop)
    except (CannotRun, CannotJoin) as error:
        return str(error)
    return found


def _measure_bare() -> Found:
    firsts, ends = list[float](), list[float]()
    for _ in range(TIMES):
        begun = time.perf_counter()
        with subprocess.Popen([PYTHON, "-c", HELLO], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env={}) as process:
            assert process.stdout is not None
            process.stdout.read(1)
            firsts.append(time.perf_counter() - begun)
        ends.append(time.perf_counter() - begun)
    return {"bare_first": statistics.median(firsts) * 1000, "bare_end": statistics.median(ends) * 1000}


@contextmanager
def _running(workshop: Workshop, data: Path, warm: int, shared: Mapping[str, str] = MappingProxyType({})) -> Iterator[int]:
    """The port of a server that has tested its sandbox, or found a runner by these settings."""
    port, log = free_port(), workshop.home / "programs.log"
    settings = {"ADHOC_ROOMS": "1", "RATE_LIMITS": "off", "API_TOKENS": TOKEN, "PROGRAMS_WARM": str(warm), "PROGRAMS_PER_MINUTE": "100000"}
    settings |= {"API_PROGRAM_SECONDS_MOST": "30", "API_PROGRAMS_PER_MINUTE": "100000"}
    environment = _environment(settings | dict(shared))
    command = [sys.executable, "-m", "fourhands", "serve", "--port", str(port), "--data-dir", str(data)]
    with log.open("wb") as written:
        process = subprocess.Popen(command, env=environment, cwd=data, stdout=written, stderr=written, start_new_session=True)
    try:
        _wait_ready(process, f"http://127.0.0.1:{port}", log)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HERE.parent / "src"), **{f"FOURHANDS_{name}": value for name, value in settings.items()}}


def measure_shared(workshop: Workshop) -> Found:
    """As `measure`, with a runner that is found by Redis and has sandboxes ready; nothing without redis-server."""
    if shutil.which("redis-server") is None:
        return {}
    with shared_runner(workshop, _environment) as shared, scratch(workshop) as data, _running(workshop, data, 2, shared) as port:
        return {f"shared_{key}": value for key, value in asyncio.run(_measure_programs(port)).items()}


def _wait_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    last = time.monotonic() + READY_SECONDS
    while time.monotonic() < last and process.poll() is None:
        try:
            answer = httpx.get(f"{url}/readyz", timeout=2)
        except httpx.HTTPError:
            time.sleep(0.1)
            continue
        if answer.status_code == 200 and (off := answer.json()["off"]):
            raise CannotRun(" ".join(off))
        if answer.status_code == 200:
            time.sleep(2)  # languages are found again once, and what waits ready is made
            return
        time.sleep(0.1)
    raise CannotRun(f"The server does not start; its log is {log}.")


# ---- one program, and many -----------------------------------------------------------------------------------------


class Api:
    """Piston's API of a server."""

    def __init__(self, port: int) -> None:
        headers, limits = {"Authorization": f"Bearer {TOKEN}"}, httpx.Limits(max_connections=None)
        self._client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=120, limits=limits)

    async def __aenter__(self) -> "Api":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def run(self, source: str, stdout: str) -> float:
        """Seconds that the whole request took."""
        begun = time.perf_counter()
        answer = await self._client.post("/api/v2/execute", json={"language": "python", "version": "*", "files": [{"content": source}]})
        if answer.status_code != 200 or answer.json()["run"]["stdout"] != stdout:
            raise RuntimeError(f"the server answered with {answer.status_code}: {answer.text[:300]}")
        return time.perf_counter() - begun


async def _measure_programs(port: int) -> Found:
    first, end = await _in_a_room(port)
    async with Api(port) as api:
        alone: list[float] = []
        for _ in range(TIMES):
            alone.append(await api.run(HELLO, "hello\n"))
            await asyncio.sleep(PAUSE_SECONDS)
        begun = time.perf_counter()
        await asyncio.gather(*(api.run(HELLO, "hello\n") for _ in range(AT_ONCE)))
        together = time.perf_counter() - begun
    return {"first": first, "end": end, "http": statistics.median(alone) * 1000, "together": together * 1000}


async def _in_a_room(port: int) -> tuple[float, float]:
    """From the click to the first byte, and to the end, as a page hears them."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        room = (await http.post("/api/rooms", json={"name": "Ada", "language": "python"})).json()
    address = f"ws://127.0.0.1:{port}/sync/{room['id']}?token={room['token']}"
    firsts, ends = list[float](), list[float]()
    async with websockets.connect(address, subprotocols=[websockets.Subprotocol("fourhands.v1")], max_size=None, compression=None) as socket:
        document: Doc[Any] = Doc()
        text = document.get("file:main", type=Text)
        text += HELLO
        await socket.send(sync.update(document.get_update()))
        for number in range(TIMES):
            begun = time.perf_counter()
            await socket.send(sync.event(json.dumps({"type": "run.ask", "run": f"bench{number:07}"}).encode()))
            firsts.append(await _until(socket, "run.output") - begun)
            ends.append(await _until(socket, "run.ended") - begun)
            await asyncio.sleep(PAUSE_SECONDS)
    return statistics.median(firsts) * 1000, statistics.median(ends) * 1000


async def _until(socket: websockets.ClientConnection, kind: str) -> float:
    async for raw in socket:
        message = sync.decode(raw if isinstance(raw, bytes) else raw.encode())
        if message.kind is sync.Kind.EVENT:
            event = json.loads(message.payload)
            if event["type"] == kind:
                return time.perf_counter()
            if event["type"] in {"error", "run.ended"}:
                raise RuntimeError(f"the room said {event}")
    raise RuntimeError("the room closed")


# ---- edits meanwhile -----------------------------------------------------------------------------------------------


async def _measure_edits(workshop: Workshop, trace: Path, port: int) -> Found:
    """What edits take with the queue empty and full, by turns."""
    found: dict[str, list[float]] = {}
    with _out_of_the_way():
        async with Api(port) as api:
            for number in range(ROUNDS):
                for name, waiting in (("empty", 0), ("full", WAITING + (os.cpu_count() or 1))):
                    async with Busy(api, waiting):
                        run = await asyncio.to_thread(_edit, workshop, trace, port, f"{name}{number}x")
                    for key in ("p50", "p99"):
                        found.setdefault(f"edits_{name}_{key}", []).append(run[key])
    print(f"  {found}", flush=True)
    return {key: statistics.median(values) for key, values in found.items()}


@contextmanager
def _out_of_the_way() -> Iterator[None]:
    """This thread keeps to one processor, with the lowest priority where it may have its own back."""
    ours = os.sched_getaffinity(0)
    os.setpriority(os.PRIO_PROCESS, 0, 19 if os.geteuid() == 0 else 0)
    os.sched_setaffinity(0, {max(ours)})
    yield
    os.sched_setaffinity(0, ours)
    os.setpriority(os.PRIO_PROCESS, 0, 0)


class Busy:
    """So many programs run and wait, over and over."""

    def __init__(self, api: Api, count: int) -> None:
        self._tasks = [asyncio.ensure_future(self._go_on(api)) for _ in range(count)]

    async def __aenter__(self) -> None:
        await asyncio.sleep(1 if self._tasks else 0)

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        for failed in [end for end in await asyncio.gather(*self._tasks, return_exceptions=True) if isinstance(end, Exception)]:
            raise failed

    @staticmethod
    async def _go_on(api: Api) -> None:
        while True:
            await api.run(SPIN, "")


def _edit(workshop: Workshop, trace: Path, port: int, prefix: str) -> dict[str, Any]:
    ours = SERVERS["fourhands"]
    words = ["run", "-p", str(port), "-m", ours.mode, "-x", f"{ours.room}{prefix}", *EDITS.split()]
    first = ["taskset", "-c", f"0-{(os.cpu_count() or 1) - 1}", *(["chrt", "-f", "10"] if os.geteuid() == 0 else [])]
    done = subprocess.run([*first, str(workshop.loadgen), *words], capture_output=True, text=True, env={**os.environ, "BENCH_DATA": str(trace)}, check=False)
    if done.returncode:
        raise RuntimeError(f"the load generator ended with {done.returncode}: {done.stderr[-300:]}")
    return read_run(done.stdout)


def markdown(found: Mapping[str, float] | str) -> str:
    """The tables, as they stand in docs/performance.md."""
    if isinstance(found, str):
        return f"Not measured here: {found}"
    bare = f'`python3 -c "{HELLO}"` by itself'

    def row(title: str, key: str, than: str) -> list[str]:
        values = [f"{found[f'{name}_{key}']:.1f} ({found[f'{name}_{key}'] / found[than]:.2f}x)" for name in ("cold", "warm")]
        return [title, f"{found[than]:.1f}", *values]

    programs = [
        [f"`{HELLO}`, ms", bare, "nothing waits for it (cold)", "a sandbox with Python waits (warm)"],
        row("in a room, from the click to the first byte", "first", "bare_first"),
        row("in a room, from the click to the end", "end", "bare_end"),
        row("by Piston's API, the whole request", "http", "bare_end"),
        [f"{AT_ONCE} at once by the API, all of them", "", *(f"{found[f'{name}_together']:,.0f}" for name in ("cold", "warm"))],
    ]
    edits = [["edits arrive within, ms", "no program", "as many as there are processors run, and 60 wait", ""]]
    for key, title in (("p50", "half"), ("p99", "99 %")):
        empty, full = found[f"edits_empty_{key}"], found[f"edits_full_{key}"]
        edits.append([title, f"{empty:.2f}", f"{full:.2f}", f"{100 * (full / empty - 1):+.0f} %"])
    return f"{grid(programs)}\n\n{grid(edits)}{_shared(found)}"


def _shared(found: Mapping[str, float]) -> str:
    """What a runner elsewhere costs, where that was measured."""
    if "shared_first" not in found:
        return ""
    rows = [["a sandbox with Python waits, ms", "the server's own runner", "a runner by Redis"]]
    for key, title in (
        ("first", "in a room, to the first byte"),
        ("end", "in a room, to the end"),
        ("http", "by Piston's API"),
        ("together", f"{AT_ONCE} at once"),
    ):
        rows.append([title, f"{found[f'warm_{key}']:.1f}", f"{found[f'shared_{key}']:.1f}"])
    return f"\n\n{grid(rows)}"
