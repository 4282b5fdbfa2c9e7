"""The runner's end of the connection: starts what a server asks for, and tells it what the runs say.

One `Serving` a connection. When the connection ends, however it does, so do its runs.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine

import structlog

from fourhands.errors import FourhandsError, ProtocolViolation, Unavailable
from fourhands.execution.link import (
    CloseInput,
    Credit,
    Ended,
    Link,
    LogLevel,
    Output,
    Ping,
    Pong,
    Refused,
    Resize,
    Said,
    SendSignal,
    SetLogLevel,
    Shown,
    Start,
    Started,
    State,
    Stop,
    Taken,
    ToRunner,
    Write,
    join_job,
)
from fourhands.execution.port import SIGNALS, Backend, Data, Error, Event, Job, Picture, Run, Stream

COALESCE_SECONDS = 0.03
"""Output that comes within this time of the last is told together."""
CHUNK_BYTES = 32 * 1024
"""So much is told at once, however short the time."""
WAITING_WRITES = 4
EARLY = 16
"""Signals and sizes that are kept for a run that is being started: the newest."""

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.runner")


class Serving:
    """The runs of one connection. `doubted` hears that the backend could not start one: it should be tested again; `turned` hears
    at which level the server wants it to log."""

    def __init__(
        self,
        backend: Backend,
        link: Link[ToRunner],
        *,
        coalesce_seconds: float = COALESCE_SECONDS,
        doubted: Callable[[], None] = lambda: None,
        turned: Callable[[LogLevel], None] = lambda _: None,
    ) -> None:
        self._doubted = doubted
        self._turned = turned
        self._backend = backend
        self._link = link
        self._coalesce_seconds = coalesce_seconds
        self._carried: dict[int, _Carried] = {}
        self._last = 0

    def tell(self, state: State) -> None:
        """Say what the runner can do now."""
        self._link.send(state)

    def hang_up(self) -> None:
        """End the connection; `run` returns once the runs have ended."""
        self._link.close()

    async def run(self) -> None:
        """Serve until the other end closes. Raises `ProtocolViolation` if it says what makes no sense; every run is over then, too."""
        try:
            async for message, body in self._link.messages():
                self._take(message, body)
        finally:
            self._link.close()  # first: that we end the runs is not the runs' end, and is not told as that
            tasks = [task for carried in self._carried.values() for task in carried.abandon()]
            await asyncio.gather(*tasks, return_exceptions=True)

    def _take(self, message: ToRunner, body: bytes) -> None:
        match message:
            case Ping():
                self._link.send(Pong())
            case Start():
                self._start(message, body)
            case SetLogLevel():
                self._turned(message.level)
            case _:
                carried = self._carried.get(message.run)
                if carried is not None:  # else it has ended meanwhile
                    carried.take(message, body)

    def _start(self, message: Start, body: bytes) -> None:
        if message.run <= self._last:
            raise ProtocolViolation(f"The number {message.run} was used for a run before.")
        self._last = message.run
        job = join_job(message.job, body)
        carried = self._carried[message.run] = _Carried(self._link, message.run, message.window, self._coalesce_seconds)
        carried.begin(self._carry(carried, job))

    async def _carry(self, carried: "_Carried", job: Job) -> None:
        try:
            await carried.carry(self._backend, job)
        except FourhandsError as error:
            self._link.send(Refused(carried.number, error.code, str(error)))
            if isinstance(error, Unavailable):
                self._doubted()
        except Exception:  # the server must hear of it, and the other runs go on
            log.exception("run.failed", run=job.id)
            self._link.send(Said(carried.number, Error(message="Something broke in the runner; it was logged.")))
            self._link.send(Ended(carried.number))
        finally:
            del self._carried[carried.number]
            carried.abandon_writes()


class _Carried:
    """One run, and what of it waits to be told.

    Invariant: after `window` bytes that the server has not read, nothing more is taken from the run.
    """

    def __init__(self, link: Link[ToRunner], number: int, window: int, coalesce_seconds: float) -> None:
        self.number = number
        self._link = link
        self._credit = window
        self._more_credit = asyncio.Event()
        self._coalesce_seconds = coalesce_seconds
        self._pending: list[tuple[Stream, bytearray]] = []
        self._pending_bytes = 0
        self._told_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None
        self._run: Run | None = None
        self._stop = False
        self._task: asyncio.Task[None] | None = None
        self._early: list[Resize | SendSignal] = []
        self._writes: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None

    def begin(self, work: Coroutine[object, object, None]) -> None:
        self._task = asyncio.create_task(work)

    def abandon(self) -> list["asyncio.Task[None]"]:
        """The connection is gone: end the run. The tasks that end with it."""
        self._halt()
        self._credit = 1 << 62  # nobody reads any more: let it end
        self._more_credit.set()
        return [task for task in (self._task, self._writer) if task is not None]

    def abandon_writes(self) -> None:
        if self._writer is not None:
            self._writer.cancel()
        if self._timer is not None:
            self._timer.cancel()

    # ---- what the server says ----

    def take(self, message: Write | CloseInput | Resize | SendSignal | Stop | Credit, body: bytes) -> None:
        """Raises `ProtocolViolation` if more is written than was taken, and for a signal that is none."""
        match message:
            case Credit():
                self._credit += message.size
                self._more_credit.set()
            case Stop():
                self._halt()
            case Write():
                self._write(body)
            case CloseInput():
                self._write(None)
            case Resize() | SendSignal():
                self._tell_run(message)

    def _halt(self) -> None:
        self._stop = True
        if self._run is not None:
            self._run.stop()

    def _write(self, data: bytes | None) -> None:
        if self._writes.qsize() >= WAITING_WRITES:
            raise ProtocolViolation("More was written to a run than it has taken.")
        self._writes.put_nowait(data)
        if self._writer is None and self._run is not None:
            self._writer = asyncio.create_task(self._write_all(self._run))

    async def _write_all(self, run: Run) -> None:
        while True:
            data = await self._writes.get()
            if data is None:
                await run.close_input()
            else:
                await run.write(data)
            self._link.send(Taken(self.number))

    def _tell_run(self, message: Resize | SendSignal) -> None:
        if isinstance(message, SendSignal) and message.name not in SIGNALS:
            raise ProtocolViolation(f"{message.name[:20]!r} is no signal.")
        if self._run is None:
            self._early = [*self._early, message][-EARLY:]
        elif isinstance(message, Resize):
            self._run.resize(message.columns, message.rows)
        else:
            self._run.signal(message.name)

    # ---- what the run says ----

    async def carry(self, backend: Backend, job: Job) -> None:
        """Start the run and tell what it says, to its end. Raises what `Backend.start` raises."""
        run = self._run = await backend.start(job)
        self._link.send(Started(self.number))
        for message in self._early:
            self._tell_run(message)
        if not self._writes.empty():
            self._writer = asyncio.create_task(self._write_all(run))
        if self._stop:
            run.stop()
        await self._tell_events(run)
        self._flush()
        self._link.send(Ended(self.number))

    async def _tell_events(self, events: "Run | AsyncIterator[Event]") -> None:
        async for event in events:
            match event:
                case Data():
                    self._add(event)
                case Picture():
                    self._flush()
                    self._credit -= len(event.data)
                    self._link.send(Shown(self.number), event.data)
                case _:
                    self._flush()
                    self._link.send(Said(self.number, event))
            while self._credit <= 0:
                self._more_credit.clear()
                await self._more_credit.wait()

    def _add(self, event: Data) -> None:
        """Keep output for a moment: the first after a pause is told at once, what follows closely is gathered."""
        if self._pending and self._pending[-1][0] == event.stream:
            self._pending[-1][1].extend(event.data)
        else:
            self._pending.append((event.stream, bytearray(event.data)))
        self._pending_bytes += len(event.data)
        loop = asyncio.get_running_loop()
        if self._pending_bytes >= CHUNK_BYTES or loop.time() - self._told_at >= self._coalesce_seconds:
            self._flush()
        elif self._timer is None:
            self._timer = loop.call_at(self._told_at + self._coalesce_seconds, self._flush)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._pending:
            for stream, data in self._pending:
                self._link.send(Output(self.number, stream), bytes(data))
            self._credit -= self._pending_bytes
            self._pending, self._pending_bytes = [], 0
            self._told_at = asyncio.get_running_loop().time()
