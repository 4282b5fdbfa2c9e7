"""A run that the runner carries for a server: what it says is told, what is said to it is done. However the two are connected."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine

import structlog
from msgspec import Struct

from fourhands.errors import FourhandsError, ProtocolViolation, Unavailable
from fourhands.execution.link import CloseInput, Credit, Ended, Output, Refused, Resize, Said, SendSignal, Shown, Started, Stop, Taken, Way, Write
from fourhands.execution.port import SIGNALS, Backend, Data, Error, Event, Job, Picture, Run, Stream

COALESCE_SECONDS = 0.03
"""Output that comes within this time of the last is told together."""
CHUNK_BYTES = 32 * 1024
"""So much is told at once, however short the time."""
WAITING_WRITES = 4
EARLY = 16
"""Signals and sizes that are kept for a run that is being started: the newest."""

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.runner")


class Carried:
    """One run, and what of it waits to be told.

    Invariant: after `window` bytes that the server has not read, nothing more is taken from the run.
    """

    def __init__(self, link: Way, number: int, window: int, coalesce_seconds: float) -> None:
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

    def say(self, message: Struct) -> None:
        """Say something about it to the other end."""
        self._link.send(message)

    def begin(self, work: Coroutine[object, object, None]) -> "asyncio.Task[None]":
        self._task = asyncio.create_task(work)
        return self._task

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


async def carry(carried: Carried, backend: Backend, job: Job, *, doubted: Callable[[], None]) -> None:
    """A run from its start to its end, told to the other end whatever comes. `doubted` hears that the backend could not start one."""
    try:
        await carried.carry(backend, job)
    except FourhandsError as error:
        carried.say(Refused(carried.number, error.code, str(error)))
        if isinstance(error, Unavailable):
            doubted()
    except Exception:  # the server must hear of it, and the other runs go on
        log.exception("run.failed", run=job.id)
        carried.say(Said(carried.number, Error(message="Something broke in the runner; it was logged.")))
        carried.say(Ended(carried.number))
    finally:
        carried.abandon_writes()
