"""Hostile programs through the whole server, by Piston's API and by rooms, beside a room whose people write and run: everything of theirs
is right, and nothing of the programs is left on the machine.

`make test` tries a few of each kind, `make soak` all of them, and then looks at times and memory too.
"""

import asyncio
import contextlib
import re
import shutil
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from fourhands.execution.backends.sandbox.options import SandboxOptions
from tests.e2e.fixtures import wait_ready
from tests.execution.hostile.corpus import PATIENT, Hostile, read_corpus
from tests.execution.sandboxes import groups_of, groups_of_runs, needs_sandbox, processes_of_users, waiting_groups
from tests.server import ServerProcess
from tests.soak.herd import resident_bytes
from tests.wire.client import Client, Room, clients

pytestmark = needs_sandbox

TOKEN = "a-token-of-the-tests"
AT_ONCE = 4
SECONDS = 60.0
NEIGHBOUR_SECONDS = 2.0
GROWN_BYTES = 48 << 20
"""What the server or its runner may have more after the attack than before: caches fill, and every connection has its buffers for a moment."""
STATUSES = {
    None: {"ok"},
    "RE": {"error", "compile_error"},
    "SG": {"error", "compile_error", "memory_limit", "killed"},
    "TO": {"wall_time", "cpu_time"},
    "OL": {"output_limit"},
    "EL": {"output_limit"},
}
"""What Piston's words may stand for."""
LANGUAGES = {".py": "python", ".sh": "bash", ".c": "c", ".build": "nim"}
BUILD = """\
import std/osproc
const done = gorgeEx("sh ./attack.sh 2>&1")
static:
  echo done.output
  doAssert done.exitCode == 0
quit execCmd("sh /tmp/out")
"""
"""Nim's compiler runs programs that the source names: what a `.build` of the corpus becomes. It keeps what they say in memory."""
BUILDS_END = {"compile_error", "memory_limit", "wall_time", "cpu_time"}
ENVIRONMENT = {
    "FOURHANDS_RUNNER": "child",
    "FOURHANDS_API_TOKENS": TOKEN,
    "FOURHANDS_PROGRAMS_AT_ONCE": str(AT_ONCE + 1),
    "FOURHANDS_PROGRAMS_PER_MINUTE": "100000",
    "FOURHANDS_PROGRAMS_WARM": "0",
    "FOURHANDS_API_PROGRAM_SECONDS_MOST": PATIENT["wall_seconds"],
    "FOURHANDS_PROGRAM_SECONDS": PATIENT["wall_seconds"],
    "FOURHANDS_PROGRAM_CPU_SECONDS": PATIENT["cpu_seconds"],
}
HASTY = {
    "FOURHANDS_PROGRAM_SECONDS": "1",
    "FOURHANDS_PROGRAM_CPU_SECONDS": "0.5",
    "FOURHANDS_COMPILE_SECONDS": "4",
    "FOURHANDS_TERMINAL_IDLE_SECONDS": "0.5",
}
"""Rooms choose no limits, so the programs that are about time have a server on which it is short."""
QUICK = {"pictures_flood.py", "output_flood.py", "fork_bomb.sh", "memory_memfd.py", "daemon.py", "escape_by_proc.py", "forged_stage.build", "terminal_flood.py"}
"""What `make test` tries: one of each kind. All of them run in every test of the sandbox itself."""
LOCK = re.compile(r" (\d+) @fourhands-uid-(\d+)$", re.MULTILINE)
"""Of `/proc/net/unix`: the inode of a socket that holds a user id."""


Way = Callable[[ServerProcess, Hostile], Awaitable["End"]]


@dataclass(frozen=True)
class End:
    """What became of a program: the statuses that its end may stand for, and all that it said."""

    statuses: frozenset[str]
    text: str


class Machine:
    """A server and its runner: what they hold, and what is left of their programs."""

    def __init__(self, server: ServerProcess) -> None:
        (self.runner,) = children(server.pid)
        self.server = server.pid

    def left(self) -> dict[str, object]:
        """All that should be gone when no program runs; the runner's children are there for ever."""
        users = self._users()
        folders = [Path(folder) for folder in ("/tmp", "/dev/shm", "/var/tmp", "/dev/mqueue") if Path(folder).is_dir()]
        return {
            "processes": processes_of_users(users),
            "groups": groups_of_runs(self.runner),
            "forks": self._missing_forks(),
            "files": [path for folder in folders for path in folder.iterdir() if owner(path) in users],
            "shared": [line for kind in ("shm", "sem", "msg") for line in lines_of(f"/proc/sysvipc/{kind}") if users & {*map(int, line.split()[1:])}],
        }

    def _missing_forks(self) -> int:
        """How many processes do not wait yet that will wait for the next programs: only then the rest is what it was."""
        groups = [path for place in groups_of(self.runner) for path in place.glob("run-*")]
        return SandboxOptions().forks - len(waiting_groups(groups))

    def held(self) -> dict[str, int]:
        """Sockets, pipes and the like, without the locks of user ids, which are kept (nor files: the database keeps a few open for each
        thread that read); and processes."""
        links = {pid: [link for link in links_of(pid) if not link.startswith("/")] for pid in (self.server, self.runner)}
        users = len(self._users())
        return {"server": len(links[self.server]), "runner": len(links[self.runner]) - users, "children": len(children(self.runner))}

    def resident(self) -> dict[str, int]:
        return {"server": resident_bytes(self.server), "runner": resident_bytes(self.runner)}

    def _users(self) -> set[int]:
        """The user ids that the runner has given out."""
        links = set(links_of(self.runner))
        return {int(user) for inode, user in LOCK.findall(Path("/proc/net/unix").read_text()) if f"socket:[{inode}]" in links}


def links_of(pid: int) -> list[str]:
    """What a process has open."""
    found: list[str] = []
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            found.append(str(path.readlink()))
    return found


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def owner(path: Path) -> int:
    try:
        return path.lstat().st_uid
    except OSError:
        return -1


def lines_of(path: str) -> list[str]:
    return Path(path).read_text().splitlines()[1:] if Path(path).exists() else []


async def until(holds: Callable[[], object]) -> None:
    """Wait for what only a process's outside tells."""
    async with asyncio.timeout(SECONDS):
        while not holds():  # noqa: ASYNC110 - another process tells no events
            await asyncio.sleep(0.05)


# ---- attackers -----------------------------------------------------------------------------------------------------


def is_about_time(hostile: Hostile) -> bool:
    return bool({"wall_time", "cpu_time"} & hostile.statuses) and "limits" in hostile.heads


def sources(hostile: Hostile) -> dict[str, str]:
    """Its files, the main one first."""
    text = hostile.source.decode()
    return {"main.nim": BUILD, "attack.sh": text} if hostile.language == "build" else {f"main{Path(hostile.name).suffix}": text}


async def by_api(server: ServerProcess, hostile: Hostile) -> End:
    """Run it by Piston's API, which takes limits."""
    given = hostile.job().limits
    body = {
        "language": LANGUAGES[Path(hostile.name).suffix],
        "version": "*",
        "files": [{"name": name, "content": text} for name, text in sources(hostile).items()],
        "run_timeout": given.wall_seconds * 1000,
        "run_cpu_time": given.cpu_seconds * 1000,
        "run_memory_limit": given.memory_bytes,
        "compile_timeout": given.compile_wall_seconds * 1000,
    }
    async with httpx.AsyncClient(timeout=SECONDS) as client:
        answer = await client.post(f"{server.url}/api/v2/execute", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return End(frozenset(STATUSES[told["run"]["status"]]), told.get("compile", {}).get("output", "") + told["run"]["output"])


async def by_room(server: ServerProcess, hostile: Hostile) -> End:
    """Run it in a room of its own, where its input comes from a terminal if it wants one."""
    room = await asyncio.to_thread(Room.open, server.url, language=LANGUAGES[Path(hostile.name).suffix])
    _, text = next(iter(sources(hostile).items()))
    async with Client(server.url, room.id, room.host) as client:
        await client.insert(0, text)
        for other, content in list(sources(hostile).items())[1:]:
            await client.add_file(other, content)
        terminal = {"terminal": {"columns": 80, "rows": 24}} if "terminal" in hostile.heads else {}
        await client.say("run.ask", run="hostile0000", **terminal)
        end = await client.event("run.ended", seconds=SECONDS, run="hostile0000")
    said = "".join(event["text"] for event in client.events if event["type"] == "run.output")
    return End(frozenset({end["status"]}), said)


def expect(hostile: Hostile, end: End, *, limited: bool) -> None:
    """It was contained, and ended as it has to. `limited`: by the limits that it wants, not by the server's."""
    statuses = hostile.statuses | (BUILDS_END if hostile.language == "build" else set())
    if not limited and "limits" in hostile.heads:
        statuses |= {"wall_time", "cpu_time", "memory_limit"}
    assert statuses & end.statuses, (end.statuses, end.text[-500:])
    if hostile.name != "forged_stage.build":  # where Nim waits for it, it sees Nim's own descriptors
        assert "ESCAPED" not in end.text, end.text[-500:]


# ---- the neighbour -------------------------------------------------------------------------------------------------


class Neighbour:
    """A room in which Ada types and runs what she has typed, over and over, and Lin looks on. Everything is looked at as it comes."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self.seconds: list[float] = []
        self.done = asyncio.Event()

    async def live(self) -> None:
        room = await asyncio.to_thread(Room.open, self._server.url, language="python")
        lin_token = await asyncio.to_thread(room.join, "Lin")
        async with clients(Client(self._server.url, room.id, room.host), Client(self._server.url, room.id, lin_token)) as (ada, lin):
            await ada.insert(0, "print(1, end='')")
            while not self.done.is_set() or not self.seconds:
                await self._once(ada, lin, len(self.seconds) + 2)
                ada.events.clear()
                lin.events.clear()

    async def _once(self, ada: Client, lin: Client, number: int) -> None:
        await ada.insert(len(str(ada.text)), f"\nprint(' {number}', end='')")
        run, begun = f"neighbour{number}", time.monotonic()
        await ada.say("run.ask", run=run)
        for person in (lin, ada):
            end = await person.event("run.ended", seconds=SECONDS, run=run)
            assert end["status"] == "ok", end
            said = "".join(event["text"] for event in person.events if event["type"] == "run.output" and event["run"] == run)
            assert said == " ".join(map(str, range(1, number + 1)))
        self.seconds.append(time.monotonic() - begun)
        assert str(lin.text) == str(ada.text)
        assert lin.closed is ada.closed is None


# ---- together ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def running(folder: Path, **more: str) -> Iterator[ServerProcess]:
    """A server whose sandbox was tested; it complains of nothing."""
    process = ServerProcess(folder, env={**ENVIRONMENT, **more})
    process.start()
    try:
        wait_ready(process)
        yield process
        assert "Traceback" not in process.log, process.log
    finally:
        process.stop()


async def attack(server: ServerProcess, way: Way, corpus: Iterable[Hostile]) -> list[str]:
    """All of these, a few at a time; what went wrong."""
    gate, wrong = asyncio.Semaphore(AT_ONCE), list[str]()

    async def one(hostile: Hostile) -> None:
        async with gate:
            try:
                expect(hostile, await way(server, hostile), limited=way is by_api)
            except (AssertionError, TimeoutError, httpx.HTTPError) as error:
                wrong.append(f"{hostile.name} {way.__name__}: {error!r}")

    await asyncio.gather(*(one(hostile) for hostile in corpus))
    return wrong


async def beside_a_neighbour(server: ServerProcess, attacks: list[tuple[Way, list[Hostile]]], *, full: bool) -> None:
    """Attack, and look at everything that should not have noticed."""
    machine, neighbour = Machine(server), Neighbour(server)
    await attack(server, by_room, attacks[0][1][:AT_ONCE])  # what is made at the first use is there
    await until(lambda: not any(machine.left().values()))
    before, resident = machine.held(), machine.resident()
    living = asyncio.ensure_future(neighbour.live())
    wrong = [line for way, corpus in attacks for line in await attack(server, way, corpus)]
    neighbour.done.set()
    await living
    assert not wrong, "\n".join(wrong)
    with contextlib.suppress(TimeoutError):
        await until(lambda: not any(machine.left().values()) and machine.held() == before)
    assert not any(machine.left().values()), machine.left()
    assert machine.held() == before
    ready = httpx.get(f"{server.url}/readyz")
    assert ready.status_code == 200 and ready.json()["off"] == [], ready.text
    grown = {name: size - resident[name] for name, size in machine.resident().items()}
    seconds = sorted(neighbour.seconds)
    print(f"neighbour: {len(seconds)} runs, median {statistics.median(seconds):.3f} s, slowest {seconds[-1]:.3f} s; grown {grown}")
    if full:
        assert seconds[-1] < NEIGHBOUR_SECONDS
        assert max(grown.values()) < GROWN_BYTES


def chosen(config: pytest.Config) -> list[Hostile]:
    runnable = [hostile for hostile in read_corpus() if shutil.which({"c": "gcc", "build": "nim"}.get(hostile.language, "sh"))]
    return [hostile for hostile in runnable if config.option.full or hostile.name in QUICK]


async def test_hostile_programs_leave_no_trace_and_no_neighbour_notices(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    corpus = chosen(pytestconfig)
    by_terminal = [hostile for hostile in corpus if "terminal" in hostile.heads]
    rest = [hostile for hostile in corpus if hostile not in by_terminal]
    with running(tmp_path / "data") as server:
        rooms = [hostile for hostile in corpus if not is_about_time(hostile)]
        await beside_a_neighbour(server, [(by_api, rest), (by_room, rooms)], full=pytestconfig.option.full)


async def test_programs_about_time_end_in_rooms_too(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    corpus = [hostile for hostile in chosen(pytestconfig) if is_about_time(hostile)]
    with running(tmp_path / "data", **HASTY) as server:
        await beside_a_neighbour(server, [(by_room, corpus)], full=pytestconfig.option.full)
