"""Runs programs for the server: admits them, lets them wait for their turn, starts them, and gives the turn back.

Actions ask it; `app` makes it of a queue and of what runs programs (a runner's client, or a remote Piston server).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from fourhands.errors import FourhandsError, InvalidRequest, TooLarge, Unavailable
from fourhands.execution.admission import SlidingWindow
from fourhands.execution.port import Error, Event, Health, Job, Queued, Run, Runtime
from fourhands.execution.queue import Ask, Lane, MachineFigures, Queue, QueueLimits, Turn
from fourhands.execution.rules import Rules
from fourhands.execution.turns import Turns
from fourhands.model.clock import SystemClock

STOPPED_EARLY = "It was stopped before it began."
STOPPING = "The server stops; start it again in a moment."


class Source(Protocol):
    """What runs programs now: a `port.Backend` that always knows its own health."""

    @property
    def health(self) -> Health: ...

    @property
    def is_pending(self) -> bool:
        """Whether its first self-test is still under way."""
        ...

    def runtimes(self) -> tuple[Runtime, ...]: ...

    async def start(self, job: Job) -> Run:
        """As `port.Backend.start`. Raises `Unavailable` (`untouched`) where it is certain that nothing of the program ran."""
        ...

    async def back(self, seconds: float) -> None:
        """Wait until programs can be run again, or could not be for so long; at once where nobody knows of a way back."""
        ...


class Off:
    """What runs programs where none are to be run: nothing."""

    health = Health(False, "Programs do not run on this server: it was started with FOURHANDS_RUNNER=off.", "Start it with FOURHANDS_RUNNER=child.")
    is_pending = False

    def runtimes(self) -> tuple[Runtime, ...]:
        return ()

    async def start(self, job: Job) -> Run:
        raise Unavailable(self.health.sentence, "runner")

    async def back(self, seconds: float) -> None:
        pass


class Rate(Struct, frozen=True):
    """How often whoever asks may run something; `most` 0 is no limit."""

    who: str
    most: int


class Executor:
    """Invariant: a turn is given back when its program is over, not when nobody looks at it any more."""

    def __init__(self, source: Source, queue: Queue, window: SlidingWindow, rules: Rules = Rules()) -> None:  # noqa: B008 - it is frozen
        self._rules = rules
        self._source = source
        self._queue = queue
        self._window = window
        self._runs: dict[AdmittedRun, None] = {}  # in the order in which they were asked for
        self._draining: set[asyncio.Task[None]] = set()
        self._stopping = False
        self.waited: Callable[[float], object] = lambda seconds: None  # hears how long each program waited for its turn
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def health(self) -> Health:
        """Whether programs can be run, and if not, why, and what to do."""
        return Health(False, STOPPING) if self._stopping else self._source.health

    @property
    def is_pending(self) -> bool:
        """Whether it is not known yet: the first self-test is under way."""
        return self._source.is_pending

    def why_not(self) -> str:
        """Why no program can be run, with what to do; empty if they can."""
        health = self.health
        return "" if health.ok else f"{health.sentence} {health.mend}".strip()

    def runtimes(self) -> tuple[Runtime, ...]:
        """What can be run now."""
        return self._source.runtimes()

    @property
    def rules(self) -> Rules:
        """What programs may use and how often, with the machines that there are now."""
        memory_of = self._queue.memory_of()
        return replace(self._rules, memory_of=memory_of) if memory_of else self._rules

    def waiting_lengths(self) -> Mapping[Lane, int]:
        """How many programs wait, those of other servers included where the queue is shared."""
        return self._queue.waiting_lengths()

    def machines(self) -> Sequence[MachineFigures]:
        """The runners that servers share; none where this server has its own."""
        return self._queue.machines()

    async def start(self, job: Job, ask: Ask, rate: Rate) -> "AdmittedRun":
        """Take a place in the queue; the run that comes of it says `Queued` while it waits. Iterate it, or stop it.

        Raises `Unavailable` if nothing can be run, `LimitExceeded` for too many, `InvalidRequest` for what could never run.
        """
        if why := self.why_not():
            raise Unavailable(why, "runner")
        if rate.most:
            self._window.require(rate.who, rate.most)
        turn = await self._queue.enter(replace(ask, language=job.language, job=job.id))
        if rate.most:
            self._window.take(rate.who)
        run = AdmittedRun(self, job, turn, ask)
        self._runs[run] = None
        self._idle.clear()
        return run

    def under_way(self) -> "Sequence[AdmittedRun]":
        """Those that run and those that wait, in the order in which they were asked for."""
        return list(self._runs)

    async def stop(self) -> None:
        """Take no more, end all that runs and waits, and return when it has ended."""
        self._stopping = True
        for run in list(self._runs):
            run.stop()
        await self._idle.wait()

    async def begin(self, job: Job) -> Run:
        """Start a program whose turn it is. Raises what the source raises."""
        return await self._source.start(job)

    async def back(self, stopped: asyncio.Event) -> bool:
        """Wait for a runner that is being started again; whether there is one before that took too long or `stopped` was set."""
        waits = {asyncio.ensure_future(self._source.back(self._rules.runner_wait_seconds)), asyncio.ensure_future(stopped.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return self.health.ok and not stopped.is_set()

    def end(self, run: "AdmittedRun") -> None:
        """It is over."""
        self._runs.pop(run, None)
        if not self._runs:
            self._idle.set()

    def drain(self, run: "AdmittedRun", rest: Run) -> None:
        """Nobody looks at it any more: end it, and keep its turn until it has ended."""
        rest.stop()
        task = asyncio.create_task(self._drain(run, rest))
        self._draining.add(task)
        task.add_done_callback(self._draining.discard)

    async def _drain(self, run: "AdmittedRun", rest: Run) -> None:
        try:
            async for _ in rest:
                pass
        finally:
            run.leave()


def switched_off() -> Executor:
    """One that runs nothing, and says so."""
    return Executor(Off(), Turns(QueueLimits()), SlidingWindow(SystemClock()))


class AdmittedRun:
    """A `port.Run` that waits for its turn first.

    ::

        waiting ──granted──> (held: no runner is there) ──> started ──its last event──> over
           └──stop──> over     └──stop, or too long──> over     └──nobody iterates──> drained ──> over
    """

    def __init__(self, executor: Executor, job: Job, turn: Turn, ask: Ask) -> None:
        self.job = job
        self.ask = ask
        self._executor = executor
        self._turn = turn
        self._run: Run | None = None
        self._started = asyncio.Event()
        self._size: tuple[int, int] | None = None
        self._iterated = self._held = self._over = False
        self._stopped = asyncio.Event()
        self._asked_at = time.monotonic()

    @property
    def is_running(self) -> bool:
        """Whether its turn has come."""
        return self._turn.is_granted and not self._held

    async def __aiter__(self) -> AsyncIterator[Event]:
        self._iterated, ended = True, False
        try:
            async for position in self._turn.positions():
                yield Queued(position)
            begun = await self._begin(last=False)
            if begun is None:
                yield Queued(1)
                begun = await self._begin_later()
            if isinstance(begun, Error):
                yield begun
                return
            self._take(begun)
            async for event in begun:
                yield event
            ended = True
        finally:
            if self._run is None or ended:
                self.leave()
            else:
                self._executor.drain(self, self._run)

    async def _begin(self, *, last: bool) -> Run | Error | None:
        """What runs, or why nothing does; None if there is no runner, which may come back, unless this is the last try."""
        if not self._turn.is_granted or self._over:
            return Error(message=STOPPED_EARLY, status="killed")
        waited = time.monotonic() - self._asked_at
        try:
            run = await self._executor.begin(self.job)
        except FourhandsError as error:
            self._held = isinstance(error, Unavailable) and error.untouched and not self._executor.health.ok and not last
            return None if self._held else Error(message=str(error), invalid=isinstance(error, InvalidRequest | TooLarge))
        self._held = False
        self._executor.waited(waited)
        return run

    async def _begin_later(self) -> Run | Error:
        """Keep the turn until there is a runner again, or has not been for too long."""
        while True:
            is_back = await self._executor.back(self._stopped)
            if (begun := await self._begin(last=not is_back)) is not None:
                return begun

    def _take(self, run: Run) -> None:
        self._run = run
        self._started.set()
        if self._size is not None:
            run.resize(*self._size)
        if self._over:
            run.stop()

    def leave(self) -> None:
        """Give the turn back."""
        self._over = True
        self._started.set()
        self._turn.leave()
        self._executor.end(self)

    async def write(self, data: bytes) -> None:
        await self._started.wait()
        if self._run is not None:
            await self._run.write(data)

    async def close_input(self) -> None:
        await self._started.wait()
        if self._run is not None:
            await self._run.close_input()

    def resize(self, columns: int, rows: int) -> None:
        self._size = columns, rows
        if self._run is not None:
            self._run.resize(columns, rows)

    def signal(self, name: str) -> None:
        if self._run is not None:
            self._run.signal(name)

    def stop(self) -> None:
        if self._run is not None:
            self._run.stop()
        elif not self._iterated or not self._turn.is_granted:
            self.leave()
        else:
            self._over = True  # it is being started: `_take` stops it
            self._stopped.set()
