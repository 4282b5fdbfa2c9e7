"""The administrator's desk, put together by `app`: what the actions of administrators and the routes below /api/admin work with."""

import asyncio
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Literal

from fourhands import __version__
from fourhands.desk.endings import Endings
from fourhands.desk.figures import Figures, Sample
from fourhands.desk.gathered import Gathered
from fourhands.desk.instances import SAYS_SECONDS, InstanceRow, Instances, host_name
from fourhands.desk.mode import Mode, ModeName
from fourhands.desk.programs import Programs
from fourhands.desk.rows import PersonRow, RoomRow, Rows, joined
from fourhands.desk.tables import Table
from fourhands.errors import Unavailable
from fourhands.execution.executor import Executor
from fourhands.model.clock import Clock
from fourhands.room.journal import Journal
from fourhands.room.registry import Registry
from fourhands.store.port import Store

LogLevel = Literal["debug", "info", "warning", "error"]

LIBRARIES = ("pycrdt", "picows", "uvloop", "uvicorn", "fastapi", "sqlalchemy")

ALONE = "alone"
"""What an instance without others is called."""
ASKED_SECONDS = 5.0
"""How long the database counts as healthy as it was when it was asked last."""


def versions() -> Mapping[str, str]:
    """Of what an administrator may have to name when something is wrong."""
    return {"fourhands": __version__, "Python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


@dataclass(frozen=True, slots=True)
class About:
    """What never changes while the server runs. `versions`: of it, of Python and of libraries, by name; `limits` for what is said and done here."""

    versions: Mapping[str, str]
    database: str
    ending_seconds: float
    notice_characters: int


@dataclass(frozen=True, slots=True)
class Database:
    """`milliseconds`: what it took to answer, None if it did not; `problem`: why."""

    kind: str
    milliseconds: float | None
    writing: bool
    problem: str


@dataclass(frozen=True, slots=True)
class Server:
    """The server as it is now. Times in milliseconds since the epoch. `cores`: of the machine, that this process may use; `load`: of the machine, in
    the last minute. `redis`: how the Redis between several servers is, None where none is used. `programs_problem`: why no program runs on the
    server, empty if they do. `mode_message`: what those who are refused are told. `instances`: all,
    where there may be several."""

    started_at: int
    versions: Mapping[str, str]
    database: Database
    redis: str | None
    programs_problem: str
    mode: ModeName
    mode_since: int
    mode_message: str
    log_level: LogLevel
    cores: int
    load: float
    ending_seconds: float
    notice_characters: int
    instances: Sequence[InstanceRow] = ()


class LogDial:
    """The level at which is logged, as it is now. `turn` makes the loggers follow."""

    def __init__(self, level: LogLevel, turn: Callable[[LogLevel], None]) -> None:
        self.level: LogLevel = level
        self._turn = turn

    def set(self, level: LogLevel) -> None:
        self._turn(level)
        self.level = level


class Desk:
    """`app` has `run` running while the server does."""

    def __init__(
        self, registry: Registry, journal: Journal, clock: Clock, *, store: Store, executor: Executor, mode: Mode, about: About, dial: LogDial
    ) -> None:
        self.about = about
        self.dial = dial
        self.mode = mode
        self.programs = Programs(executor, clock)
        self.figures = Figures(registry, self.programs, clock)
        self.others = others = registry.sharing
        self.endings = Endings(store, registry, clock)
        rows, name = Rows(registry, self.figures, clock), "" if others is None else others.instance
        self.rooms: Table[RoomRow] = Table(rows.rooms, clock, name)
        self.people: Table[PersonRow] = Table(rows.people, clock, name)
        self._instances = Instances(registry, clock, self._row)
        self.figures.together = self._instances.together
        if others is not None:
            rooms = Gathered(self.rooms, others, "desk.rooms", kind=RoomRow, joined=joined)
            people = Gathered(self.people, others, "desk.people", kind=PersonRow, joined=lambda found: found[0])
            rooms.instances = people.instances = self.programs.gather(others, self.instances)
            self.rooms, self.people = Table(rooms.scan, clock, name), Table(people.scan, clock, name)
        self._store, self._journal, self._executor, self._clock = store, journal, executor, clock
        self.started_ms = clock.now_ms()
        self._asked: tuple[float, Database] | None = None
        registry.executions.heard = self.programs.heard
        journal.timed = self.figures.committed

    @property
    def instance(self) -> str:
        """What this one is called among those of the installation."""
        return ALONE if self.others is None else self.others.instance

    def instances(self) -> Sequence[str]:
        """All that live, this one too."""
        return [row.id for row in self._instances.rows()]

    def _row(self, figures: Sample | None) -> InstanceRow:
        version = self.about.versions.get("fourhands", "")
        return InstanceRow(self.instance, host_name(), self.started_ms, version, self.mode.name, self.dial.level, figures)

    async def server(self) -> Server:
        """The server as it is now."""
        about = self.about
        return Server(
            started_at=self.started_ms,
            versions=about.versions,
            database=await self._database(),
            redis=None if self.others is None else "reached" if self.others.reached else "away",
            programs_problem=self._executor.why_not(),
            mode=self.mode.name,
            mode_since=self.mode.since_ms,
            mode_message=self.mode.message,
            log_level=self.dial.level,
            cores=len(os.sched_getaffinity(0)),
            load=round(os.getloadavg()[0], 2),
            ending_seconds=about.ending_seconds,
            notice_characters=about.notice_characters,
            instances=() if self.others is None else self._instances.rows(),
        )

    async def run(self) -> None:
        """Sample for ever; once it is cancelled, no room is ended any more."""
        telling = asyncio.create_task(self._tell())
        try:
            await self.figures.run()
        finally:
            telling.cancel()
            await self.endings.stop()

    async def _tell(self) -> None:
        """Tell the other instances what they show of this one."""
        while self.others is not None:
            self._instances.say()
            self.endings.say()
            await asyncio.sleep(SAYS_SECONDS)

    async def _database(self) -> Database:
        now = self._clock.monotonic()
        if self._asked is not None and now - self._asked[0] < ASKED_SECONDS:
            return self._asked[1]
        milliseconds, problem = None, ""
        try:
            await self._store.room("desk")
            milliseconds = round((self._clock.monotonic() - now) * 1000, 2)
        except Unavailable as error:
            problem = str(error)
        self._asked = now, Database(self.about.database, milliseconds, not self._journal.failed, problem)
        return self._asked[1]
