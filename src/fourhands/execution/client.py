"""The server's end of the connection: a `Backend` whose runs are in another process, which may be away.

::

    starting ──link──> testing ──State──> there (its `Health` says whether it may be used)
                 ^                            │ the link ends: every run ends with `Error(unavailable)`
                 └────────── away <───────────┘
"""

import asyncio
import contextlib
import time
from collections.abc import Callable

import structlog

from fourhands import errors
from fourhands.errors import FourhandsError, ProtocolViolation, Unavailable
from fourhands.execution.link import VERSION, Ended, FromRunner, Link, LogLevel, Ping, Pong, Refused, SetLogLevel, Start, State, split_job
from fourhands.execution.port import Health, Job, Runtime
from fourhands.execution.remote_run import LOST, RemoteRun

WINDOW_BYTES = 128 * 1024
"""What of a run's data may be unread in the server, besides the one message that passes it."""
BEAT_SECONDS = 5.0
SILENT_BEATS = 3

STARTING = "The runner is being started; programs run on the server in a moment."
AGAIN = "The runner has ended and is being started again; programs run on the server in a moment."

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.execution")

_REFUSALS: dict[str, Callable[[str], FourhandsError]] = {
    error.code: error for error in (errors.InvalidRequest, errors.NotFound, errors.TooLarge, errors.Conflict)
}


class RunnerClient:
    """Runs programs over whichever link it has at the moment; `keeping.keep` sees to it that it has one."""

    name = "runner"

    def __init__(self, *, window_bytes: int = WINDOW_BYTES, beat_seconds: float = BEAT_SECONDS) -> None:
        self._window_bytes = window_bytes
        self._beat_seconds = beat_seconds
        self._link: Link[FromRunner] | None = None
        self._state: State | None = None
        self._away = STARTING
        self._known = asyncio.Event()
        self._runs: dict[int, RemoteRun] = {}
        self._last = 0
        self._silent_beats = 0
        self._log_level: LogLevel | None = None
        self._draining: set[asyncio.Task[None]] = set()
        self._there = asyncio.Event()
        self._away_since = time.monotonic()

    @property
    def is_pending(self) -> bool:
        """Whether nothing is known yet: the first self-test is under way."""
        return not self._known.is_set()

    async def known(self) -> Health:
        """Wait until something is known: what the first self-test says, or why there is none."""
        await self._known.wait()
        return self.health

    @property
    def health(self) -> Health:
        """What the last self-test said, or why there is none."""
        return self._state.health if self._state is not None else Health(False, self._away)

    async def back(self, seconds: float) -> None:
        """See `executor.Source`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._away_since + seconds - time.monotonic()):
                await self._there.wait()

    def _look(self) -> None:
        """Whether programs can be run may be otherwise now."""
        if self.health.ok:
            self._there.set()
        elif self._there.is_set():
            self._there.clear()
            self._away_since = time.monotonic()

    # ---- the link ----

    async def serve(self, link: "Link[FromRunner]") -> None:
        """Use this link until it ends, for whatever reason; what runs on it then is lost."""
        self._link, self._state, self._silent_beats = link, None, 0
        self._look()
        if self._log_level is not None:
            link.send(SetLogLevel(self._log_level))
        beats = asyncio.create_task(self._beat(link))
        why = AGAIN
        try:
            async for message, body in link.messages():
                self._silent_beats = 0
                self._take(message, body)
        except ProtocolViolation as error:
            log.warning("runner.senseless", reason=str(error))
            why = f"{AGAIN} {error}"
        finally:
            beats.cancel()
            link.close()
            self.away(why)

    def set_log_level(self, level: LogLevel) -> None:
        """What the runner logs from now on, this one and those that follow it."""
        self._log_level = level
        if self._link is not None:
            self._link.send(SetLogLevel(level))

    def away(self, why: str) -> None:
        """There is no runner, and this is why: a sentence for people, with what to do."""
        self._link, self._state, self._away = None, None, why
        self._look()
        self._known.set()
        runs, self._runs = self._runs, {}
        for run in runs.values():
            run.end(Unavailable(LOST, "runner"))

    async def _beat(self, link: "Link[FromRunner]") -> None:
        """An end that is stuck keeps its connection open and says nothing."""
        while True:
            link.send(Ping())
            await asyncio.sleep(self._beat_seconds)
            self._silent_beats += 1
            if self._silent_beats >= SILENT_BEATS:
                log.error("runner.silent", seconds=self._beat_seconds * SILENT_BEATS)
                link.close()

    def _take(self, message: FromRunner, body: bytes) -> None:
        match message:
            case State():
                self._learn(message)
            case Pong():
                pass
            case Ended(run=number) | Refused(run=number):
                run = self._runs.pop(number, None)
                if run is not None:
                    run.end(_refusal(message) if isinstance(message, Refused) else None)
            case _:
                run = self._runs.get(message.run)
                if run is not None:
                    run.take(message, body)

    def _learn(self, state: State) -> None:
        if state.version != VERSION:
            raise ProtocolViolation(f"The runner speaks version {state.version}, this server version {VERSION}: install the same fourhands for both.")
        if self._state is None or self._state.health != state.health:
            log.info("runner.tested", ok=state.health.ok, sentence=state.health.sentence, languages=len(state.runtimes))
        self._state = state
        self._look()
        self._known.set()

    # ---- Backend ----

    async def check(self) -> Health:
        return self.health

    def runtimes(self) -> tuple[Runtime, ...]:
        return self._state.runtimes if self._state is not None and self._state.health.ok else ()

    async def start(self, job: Job) -> RemoteRun:
        health, link = self.health, self._link
        if not health.ok or link is None:
            raise Unavailable(f"{health.sentence} {health.mend}".strip(), "runner", untouched=True)
        await link.drain()
        if self._link is not link:
            raise Unavailable(f"{self.health.sentence} {self.health.mend}".strip(), "runner", untouched=True)
        self._last += 1
        run = self._runs[self._last] = RemoteRun(link, self._last, self._window_bytes)
        head, body = split_job(job)
        link.send(Start(self._last, head, self._window_bytes), body)
        try:
            await run.started()
        except asyncio.CancelledError:
            self.drain(run)
            raise
        return run

    def drain(self, run: RemoteRun) -> None:
        """Nobody wants it any more: end it, and read what it still says."""
        run.stop()
        task = asyncio.create_task(_read_all(run))
        self._draining.add(task)
        task.add_done_callback(self._draining.discard)

    async def close(self) -> None:
        if self._link is not None:
            self._link.close()
        self.away("The server stops.")


async def _read_all(run: RemoteRun) -> None:
    async for _ in run:
        pass


def _refusal(refused: Refused) -> FourhandsError:
    make = _REFUSALS.get(refused.code)
    return make(refused.message) if make is not None else Unavailable(refused.message, "runner", untouched=True)
