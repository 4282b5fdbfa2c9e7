"""The runner's composition root: the process that runs programs, and knows nothing else. Stateless; it holds no secret.

`python -m fourhands.runner DESCRIPTOR` is how the server starts one: it serves that one connection and ends with it.
`fourhands runner --listen` waits for servers at a socket of this machine; `fourhands runner` with REDIS_URL joins those that know that Redis.

::

    started -> toolchains are found -> self-test -> State is told to every server, and again after each test
"""

import asyncio
import contextlib
import os
import signal
import socket
import stat
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Protocol

import structlog

from fourhands.errors import Conflict, ProtocolViolation
from fourhands.execution.backends.sandbox.backend import SandboxBackend
from fourhands.execution.backends.sandbox.options import SandboxOptions
from fourhands.execution.languages import load_languages
from fourhands.execution.languages.detect import detect_toolchains, is_prepared
from fourhands.execution.languages.prepare import cache_folder, prepare_beside
from fourhands.execution.link import VERSION, LogLevel, State, runner_end
from fourhands.execution.port import Backend, Health, Limits, Toolchain
from fourhands.execution.serving import Serving
from fourhands.logs import configure_logs, set_level
from fourhands.settings import Settings

AGAIN_SECONDS, LONGEST_AGAIN_SECONDS = 1.0, 60.0
"""After a self-test that failed comes the next after this time, twice as long each time: it may have lacked time, or somebody may mend it."""

SETTLE_SECONDS = 0.5
"""At least so long after a self-test that failed comes the next, however much the backend is doubted."""

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.runner")


class Runner:
    """One backend and the servers that use it. `prepare` finds what the backend needs before it is tested; `improve` makes,
    once it can be used, what makes it better and takes long."""

    def __init__(
        self,
        backend: Backend,
        *,
        test_seconds: float,
        prepare: Callable[[], Awaitable[None]] | None = None,
        improve: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._backend = backend
        self._test_seconds = test_seconds
        self._prepare = prepare
        self._improve = improve
        self._state: State | None = None
        self._doubt = asyncio.Event()
        self._servings: dict[Attended, asyncio.Task[None] | None] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one server until it closes; its programs end with it."""
        await self.attend(Serving(self._backend, runner_end(reader, writer), doubted=self.doubt, turned=turn_log))

    def doubt(self) -> None:
        """Something could not be started: test again."""
        self._doubt.set()

    async def attend(self, serving: "Attended") -> None:
        """Serve whoever is at the other end until that has ended; what it runs ends with it."""
        self._servings[serving] = asyncio.current_task()
        try:
            if self._state is not None:
                serving.tell(self._state)
            await serving.run()
        except ProtocolViolation as error:
            log.warning("runner.server_senseless", reason=str(error))
        finally:
            del self._servings[serving]

    async def hang_up(self) -> None:
        """End every connection, and its programs with it."""
        tasks = [task for task in self._servings.values() if task is not None]
        for serving in self._servings:
            serving.hang_up()
        await asyncio.gather(*tasks, return_exceptions=True)

    def lost(self, health: Health) -> None:
        """The backend cannot be used from now on: every server hears it at once, and it is tested again."""
        self._tell(health)
        self._doubt.set()

    async def keep_testing(self) -> None:
        """Until cancelled: find what is there, test, tell, wait."""
        again = AGAIN_SECONDS
        while True:
            self._doubt.clear()
            if self._prepare is not None:
                await self._prepare()
            ok = await self.test()
            if ok and self._improve is not None:
                await self._improve()
                self._improve = None
                ok = await self.test()
            wait, again = (self._test_seconds, AGAIN_SECONDS) if ok else (min(self._test_seconds, again), min(2 * again, LONGEST_AGAIN_SECONDS))
            if not ok:
                await asyncio.sleep(SETTLE_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._doubt.wait(), wait)

    async def test(self) -> bool:
        """Test the real path once, and tell every server what came of it: whether programs may run."""
        health = await self._backend.check()
        if not health.ok and (self._state is None or self._state.health.sentence != health.sentence):  # once, not at every try
            log.warning("runner.off", reason=health.sentence, mend=health.mend)
        self._tell(health)
        return health.ok

    def _tell(self, health: Health) -> None:
        self._state = State(VERSION, self._backend.name, health, self._backend.runtimes() if health.ok else ())
        for serving in self._servings:
            serving.tell(self._state)


class Attended(Protocol):
    """One or several servers at the other end of something."""

    def tell(self, state: State) -> None: ...

    def hang_up(self) -> None: ...

    async def run(self) -> None: ...


def turn_log(level: LogLevel) -> None:
    """A server's administrator wants to read more, or less. Of several servers the last word counts."""
    set_level(level)
    log.warning("log.level", level=level)


@contextlib.asynccontextmanager
async def working(runner: Runner, backend: Backend) -> AsyncGenerator[asyncio.Event]:
    """The runner tests itself meanwhile; afterwards nothing of it is left. The event is set by SIGTERM and SIGINT."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    testing = asyncio.create_task(runner.keep_testing())
    testing.add_done_callback(lambda _: stopped.set())  # without a test nothing may run: end, and be started again
    try:
        yield stopped
    finally:
        testing.cancel()
        await backend.close()
        with contextlib.suppress(asyncio.CancelledError):
            await testing


async def serve_descriptor(runner: Runner, backend: Backend, descriptor: int) -> None:
    """Serve the connection that we were started with, until it ends."""
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=descriptor))
    async with working(runner, backend) as stopped:
        serving = asyncio.create_task(runner.serve(reader, writer))
        stopping = asyncio.create_task(stopped.wait())
        await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


async def listen(runner: Runner, backend: Backend, path: Path, mode: int, *, started: Callable[[], None]) -> None:
    """Serve whoever connects to a socket at `path`, until stopped. Raises `Conflict` if somebody listens there, `OSError` if it cannot be made."""
    listening = bind(path, mode)
    try:
        async with working(runner, backend) as stopped:
            server = await asyncio.start_unix_server(runner.serve, sock=listening)
            started()
            await stopped.wait()
            server.close()
            await runner.hang_up()
    finally:
        path.unlink(missing_ok=True)  # noqa: ASYNC240 - nothing else goes on any more


async def join(runner: Runner, backend: Backend, serving: Attended, *, started: Callable[[], None]) -> None:
    """Serve the servers of an installation, until stopped."""
    async with working(runner, backend) as stopped:
        attending = asyncio.create_task(runner.attend(serving))
        stopping = asyncio.create_task(stopped.wait())
        started()
        await asyncio.wait([attending, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        await runner.hang_up()
        await attending


def bind(path: Path, mode: int) -> socket.socket:
    """A socket at `path` that only those whom `mode` lets in can use. One that a dead runner left is replaced."""
    listening = socket.socket(socket.AF_UNIX)
    try:
        if path.exists() and stat.S_ISSOCK(path.lstat().st_mode):
            _require_dead(path)
            path.unlink()
        listening.bind(str(path))
        path.chmod(mode)  # nobody could connect before: it does not listen yet
    except BaseException:
        listening.close()
        raise
    return listening


def _require_dead(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return
    raise Conflict(f"A runner listens at {path} already.")


def processors_of_programs(spare: int) -> tuple[int, ...]:
    """Those of ours that programs may run on: all but the first so many, and one at least."""
    ours = sorted(os.sched_getaffinity(0))
    return tuple(ours[min(spare, len(ours) - 1) :])


def make(settings: Settings) -> tuple[Runner, Backend]:
    """The runner that the settings describe. Call it in the main thread: what its sandboxes are started from ends with the thread."""
    options = SandboxOptions(
        bwrap=settings.bwrap,
        warm=settings.programs_warm,
        idle=settings.programs_idle,
        processors=processors_of_programs(settings.programs_spare_processors),
        most_files=settings.program_files,
        program_bytes=settings.program_bytes,
        limits=Limits(disk_bytes=settings.program_disk_bytes, open_files=settings.program_open_files),
    )
    backend = SandboxBackend((), options)
    cache, known = cache_folder(), tuple[Toolchain, ...]()

    async def prepare() -> None:
        nonlocal known
        found = await asyncio.to_thread(detect_toolchains, cache)
        if found != known:  # else what waits ready stays so
            known = found
            backend.use(found)

    async def improve() -> None:
        """In a process of its own: it takes long, and a runner that stops does not wait for it."""
        if await asyncio.to_thread(is_prepared, load_languages(), cache):
            return
        if not await prepare_beside():
            log.warning("runner.unprepared", reason="Some languages run more slowly than they could: `fourhands languages prepare` says why.")
        await prepare()

    runner = Runner(backend, test_seconds=settings.self_test_seconds, prepare=prepare, improve=improve)
    backend.on_lost = runner.lost
    return runner, backend


def serve_socket(settings: Settings, path: Path, mode: int, *, started: Callable[[], None]) -> None:
    """`fourhands runner`: until a signal. Raises what `listen` raises."""
    configure_logs(settings.log_level, settings.log_format)
    runner, backend = make(settings)
    asyncio.run(listen(runner, backend, path, mode, started=started))


def serve_installation(settings: Settings, *, started: Callable[[], None]) -> None:
    """`fourhands runner` with REDIS_URL: until a signal."""
    from fourhands.execution.cluster.runner_end import RunnerEnd  # noqa: PLC0415 - Redis's client: for those alone who use it
    from fourhands.execution.cluster.words import Capacity  # noqa: PLC0415
    from fourhands.running import queue_limits_of  # noqa: PLC0415

    configure_logs(settings.log_level, settings.log_format)
    runner, backend = make(settings)
    limits = queue_limits_of(settings)
    capacity = Capacity(limits.batch, limits.interactive, limits.memory_bytes)

    async def serve() -> None:
        lease_seconds = settings.runner_lease_seconds
        end = RunnerEnd(settings.redis_url, settings.redis_prefix, backend, capacity, lease_seconds=lease_seconds, doubted=runner.doubt)
        await join(runner, backend, end, started=started)

    asyncio.run(serve())


def main() -> None:
    """What the server starts: the descriptor of the connection is the one argument."""
    settings = Settings()
    configure_logs(settings.log_level, settings.log_format)
    asyncio.run(serve_descriptor(*make(settings), int(sys.argv[1])))


if __name__ == "__main__":
    main()
