"""`fourhands serve --workers N`: one process looks after N that serve the same port, and after the one runner that they share.

::

    port is taken -> runner -> first worker (it brings the database forward) -> the others -> all serve
    a worker ends by itself: another takes its place, after a pause that grows while they do not last
    SIGTERM, SIGINT: all drain at the same time -> the runner is stopped -> ended, code 0; a second signal ends them at once

It is forked after everything was loaded, which all then have in common, and before there is a loop or a thread.
"""

import contextlib
import ctypes
import gc
import os
import select
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import structlog

from fourhands.edge.server import listen
from fourhands.errors import FourhandsError
from fourhands.kept_secrets import load_secret
from fourhands.logs import configure_logs
from fourhands.metrics.gathering import Seat
from fourhands.running import runner_environment
from fourhands.serving import address_of, serve
from fourhands.settings import Settings

FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS = 0.5, 30.0
LASTING_SECONDS = 60.0
"""Who lived so long is started again after the shortest pause."""
STARTED = b"started"
_PARENT_DEATH = 1  # PR_SET_PDEATHSIG, linux/prctl.h

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.workers")


@dataclass(slots=True)
class Part:
    """A process that is to be there: `work` is its life. `pid` is None while it is not; `due`: when it is started then, in monotonic seconds."""

    name: str
    work: Callable[[Callable[[], None]], None]
    pid: int | None = None
    pipe: int = -1
    has_started: bool = False
    since: float = 0.0
    due: float = 0.0
    pause: float = field(default=FIRST_PAUSE_SECONDS)


def supervise(settings: Settings, *, started: Callable[[str], None]) -> int:
    """Serve by `settings.workers` processes until a signal; the exit code. `started` hears the address once all of them serve.

    Raises `OSError` when the port is taken, and `FourhandsError` when the secret cannot be kept.
    """
    configure_logs(settings.log_level, settings.log_format)
    load_secret(settings)  # made once, before several want to
    with listen(settings.host, settings.port) as free:
        port = free.getsockname()[1]
    with listen(settings.host, port, shared=True), tempfile.TemporaryDirectory(prefix="fourhands-") as folder:  # it is ours as long as we live
        shares = share(settings, port, Path(folder))
        runner = [Part("runner", lambda started: run_runner(settings, Path(folder)))] if shares.runner != settings.runner else []
        workers = [worker(shares, Seat(number, settings.workers, Path(folder))) for number in range(settings.workers)]
        gc.freeze()
        return Supervisor(workers, runner, started=lambda: started(address_of(settings, port))).run()


def share(settings: Settings, port: int, folder: Path) -> Settings:
    """What each worker is started with: programs run by one runner, and each worker has its part of their places."""
    known: dict[str, object] = {"port": port}
    if settings.runner == "child" and settings.executor == "sandbox":
        known["runner"] = f"unix://{folder / 'runner.sock'}"
    if not settings.runner.startswith("redis") and settings.executor == "sandbox":
        at_once = settings.programs_at_once or os.cpu_count() or 1
        known["programs_at_once"] = max(1, at_once // settings.workers)
        known["terminals_at_once"] = -(-settings.terminals_at_once // settings.workers)
        known["programs_memory_percent"] = settings.programs_memory_percent / settings.workers
    return settings.model_copy(update=known)


def worker(settings: Settings, seat: Seat) -> Part:
    return Part(f"worker {seat.number}", lambda started: serve(settings, started=lambda _: started(), seat=seat))


def run_runner(settings: Settings, folder: Path) -> NoReturn:
    """Become the runner: a program of its own, without the secrets that this process knows."""
    command = [sys.executable, "-m", "fourhands", "runner", "--listen", f"unix://{folder / 'runner.sock'}"]
    os.execve(sys.executable, command, runner_environment(settings, os.environ))  # noqa: S606 - our own program, no shell


class Supervisor:
    """Invariant: a part has a pid exactly while its process is there and was not waited for."""

    def __init__(self, workers: list[Part], others: list[Part], *, started: Callable[[], None], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._workers, self._others = workers, others
        self._started: Callable[[], None] | None = started
        self._monotonic = monotonic
        self._stops = 0
        self._code = 0
        self._awake, self._wake = os.pipe()
        os.set_blocking(self._awake, False)
        os.set_blocking(self._wake, False)

    def run(self) -> int:
        """Until all workers have ended; the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, _nothing)
        signal.set_wakeup_fd(self._wake)
        for part in (*self._others, self._workers[0]):
            self._start(part)
        while self._workers_are_there() or not self._stops:
            self._wait()
            self._reap()
            self._start_those_due()
            if self._started is not None and all(part.has_started for part in self._workers) and not self._stops:
                self._started()
                self._started = None
        self._end_others()
        return self._code

    def _workers_are_there(self) -> bool:
        return any(part.pid is not None for part in self._workers)

    def _start_those_due(self) -> None:
        if self._stops or not (self._workers[0].has_started or self._started is None):
            return  # the first one brings the database forward; the others find it done
        for part in (*self._others, *self._workers):
            if part.pid is None and self._monotonic() >= part.due:
                self._start(part)

    def _start(self, part: Part) -> None:
        reading, writing = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        if not (pid := os.fork()):
            os.close(reading)
            _live(part.work, writing)
        os.close(writing)
        part.pid, part.pipe, part.since = pid, reading, self._monotonic()

    def _wait(self) -> None:
        """Until a signal, a process that ends or has started, or the time of one that is to be started."""
        pipes = {part.pipe: part for part in self._workers if part.pid is not None and not part.has_started}
        dues = [part.due for part in (*self._others, *self._workers) if part.pid is None]
        seconds = max(0.0, min(dues) - self._monotonic()) if dues and self._started is None and not self._stops else None
        ready, _, _ = select.select([self._awake, *pipes], [], [], seconds)
        for descriptor in ready:
            if descriptor == self._awake:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._awake, 1024)
            elif os.read(descriptor, len(STARTED)) == STARTED:
                pipes[descriptor].has_started = True
            else:
                self._wait_ended(pipes[descriptor])

    def _wait_ended(self, part: Part) -> None:
        """Its end of the pipe is closed: it has ended, or is about to."""
        if part.pid is not None:
            _, status = os.waitpid(part.pid, 0)
            self._ended(part, os.waitstatus_to_exitcode(status))

    def _reap(self) -> None:
        for part in (*self._others, *self._workers):
            if part.pid is not None:
                pid, status = os.waitpid(part.pid, os.WNOHANG)
                if pid:
                    self._ended(part, os.waitstatus_to_exitcode(status))

    def _ended(self, part: Part, code: int) -> None:
        now = self._monotonic()
        os.close(part.pipe)
        part.pid, part.pipe = None, -1
        if self._stops:
            return
        if self._started is not None and part in self._workers:
            log.error("worker.not_started", name=part.name, code=code)
            self._code = code or 1
            self._stop()
            return
        part.pause = FIRST_PAUSE_SECONDS if now - part.since >= LASTING_SECONDS else min(LAST_PAUSE_SECONDS, part.pause * 2)
        part.due = now + part.pause
        part.has_started = False
        log.error("worker.ended", name=part.name, code=code, again_in_seconds=part.pause)

    def _stop(self, *_: object) -> None:
        """A signal: the workers drain, all at once. Once more: they end at once."""
        self._stops += 1
        for part in self._workers:
            if part.pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(part.pid, signal.SIGTERM)

    def _end_others(self) -> None:
        for part in self._others:
            if part.pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(part.pid, signal.SIGTERM)
                os.waitpid(part.pid, 0)


def _live(work: Callable[[Callable[[], None]], None], told: int) -> NoReturn:
    """The child's life. Ctrl+C is for the supervisor alone, and nobody outlives it."""
    code = 1
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PARENT_DEATH, signal.SIGTERM)
        work(lambda: _say_started(told))
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as error:  # noqa: BLE001 - a process ends of it, as it would at the top
        _say_why(error)
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _nothing(*_: object) -> None:
    """The byte that the signal leaves in the pipe is all that is wanted."""


def _say_started(told: int) -> None:
    with contextlib.suppress(OSError):
        os.write(told, STARTED)


def _say_why(error: BaseException) -> None:
    if isinstance(error, FourhandsError):
        sys.stderr.write(f"error: {error}\n")
    else:
        traceback.print_exception(error)
