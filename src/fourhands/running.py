"""Makes what runs programs for the server, as the settings say: the executor, and what keeps a runner for it."""

import asyncio
import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from fourhands.execution.admission import SlidingWindow
from fourhands.execution.client import RunnerClient
from fourhands.execution.executor import Executor, switched_off
from fourhands.execution.keeping import Beside, Child, Connector, keep
from fourhands.execution.languages import load_languages
from fourhands.execution.link import LogLevel
from fourhands.execution.port import Limits
from fourhands.execution.queue import QueueLimits
from fourhands.execution.rules import Rules
from fourhands.execution.turns import Turns
from fourhands.model.clock import Clock
from fourhands.settings import Settings

if TYPE_CHECKING:
    from fourhands.execution.backends.piston import PistonBackend
    from fourhands.execution.cluster.server_end import ServerEnd

UNIX = "unix://"
INHERITED = (
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "COLUMNS",
    "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "DBUS_SESSION_BUS_ADDRESS", "PYTHONPATH", "PYTHONUNBUFFERED",
)  # fmt: skip
"""What a runner gets of the server's environment. Everything else stays here: passwords and keys come by names that nobody can list."""
RUNNER_SETTINGS = (
    "log_level", "log_format", "self_test_seconds", "bwrap", "programs_warm", "programs_spare_processors", "programs_idle",
    "program_files", "program_bytes", "program_disk_bytes", "program_open_files",
)  # fmt: skip
"""The settings that a runner knows; none is a secret."""
_MEMORY_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


class Running:
    """Running programs, from the server's start to its end: `start`, `stop` (programs end), `close` (the runner ends)."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self._client: RunnerClient | None = None
        self._connector: Connector | None = None
        self._piston: PistonBackend | None = None
        self._shared: ServerEnd | None = None
        self._self_test_seconds = settings.self_test_seconds
        self._keeping: asyncio.Task[None] | None = None
        rules = rules_of(settings)
        if settings.executor == "piston":
            self._piston = piston_of(settings)
            self.executor = Executor(self._piston, Turns(rules.queue), SlidingWindow(clock), rules)
        elif settings.runner == "off":
            self.executor = switched_off()
        elif settings.runner == "redis":
            self._shared = shared_runners_of(settings, rules.queue)
            self.executor = Executor(self._shared, self._shared.turns, SlidingWindow(clock), rules)
        else:
            self._client, self._connector = RunnerClient(), connector_of(settings)
            self.executor = Executor(self._client, Turns(rules.queue), SlidingWindow(clock), rules)

    async def start(self) -> None:
        """Returns at once; whether programs can be run is told by the executor."""
        if self._piston is not None:
            self._keeping = asyncio.create_task(self._piston.keep_checking(self._self_test_seconds))
        elif self._shared is not None:
            self._shared.start_beating()
        elif self._client is not None and self._connector is not None:
            self._keeping = asyncio.create_task(keep(self._client, self._connector, self._clock))

    def set_log_level(self, level: LogLevel) -> None:
        """What the runner logs from now on, if there is one."""
        if self._client is not None:
            self._client.set_log_level(level)

    async def stop(self) -> None:
        """End every program, and take no more."""
        await self.executor.stop()

    async def close(self) -> None:
        """End the runner."""
        if self._keeping is not None:
            self._keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeping
        if self._piston is not None:
            await self._piston.close()
        if self._shared is not None:
            await self._shared.close()


def piston_of(settings: Settings) -> "PistonBackend":
    """The Piston server that is set."""
    from fourhands.execution.backends.piston import PistonBackend  # noqa: PLC0415 - it takes 5 MB, and most servers run programs themselves

    names = {language.piston: language.id for language in load_languages() if language.piston}
    return PistonBackend(settings.piston_url, settings.piston_token, names)


def shared_runners_of(settings: Settings, limits: QueueLimits) -> "ServerEnd":
    """The runners that have joined by Redis."""
    from fourhands.execution.cluster.server_end import ServerEnd  # noqa: PLC0415 - Redis's client: for those alone who use it

    return ServerEnd(settings.redis_url, settings.redis_prefix, limits, lease_seconds=settings.runner_lease_seconds)


def connector_of(settings: Settings) -> Connector:
    """The way to the runner."""
    if settings.runner == "child":
        return Child(runner_environment(settings, os.environ))
    return Beside(Path(settings.runner.removeprefix(UNIX)))


def rules_of(settings: Settings) -> Rules:
    """What programs may use and how often."""
    program = Limits(
        wall_seconds=settings.program_seconds,
        cpu_seconds=settings.program_cpu_seconds,
        memory_bytes=settings.program_memory_bytes,
        compile_wall_seconds=settings.compile_seconds,
        compile_cpu_seconds=settings.compile_cpu_seconds,
        compile_memory_bytes=settings.compile_memory_bytes,
        idle_seconds=settings.terminal_idle_seconds,
        processes=settings.program_processes,
        output_bytes=settings.program_output_bytes,
        input_bytes=settings.program_input_bytes,
        disk_bytes=settings.program_disk_bytes,
        open_files=settings.program_open_files,
    )
    limited = settings.rate_limits == "on"
    return Rules(
        program=program,
        terminal=replace(program, wall_seconds=settings.terminal_seconds, cpu_seconds=settings.terminal_cpu_seconds),
        queue=queue_limits_of(settings),
        files=settings.program_files,
        program_bytes=settings.program_bytes,
        per_minute=settings.programs_per_minute if limited else 0,
        api_per_minute=settings.api_programs_per_minute if limited else 0,
        api_seconds=settings.api_program_seconds,
        api_seconds_most=settings.api_program_seconds_most,
        runner_wait_seconds=settings.runner_wait_seconds,
    )


def queue_limits_of(settings: Settings) -> QueueLimits:
    """How many run and wait."""
    return QueueLimits(
        batch=settings.programs_at_once or len(os.sched_getaffinity(0)),
        interactive=settings.terminals_at_once,
        waiting=settings.programs_waiting,
        running=settings.programs_running_each,
        queued=settings.programs_queued_each,
        memory_bytes=int(machine_memory_bytes() * settings.programs_memory_percent / 100),
    )


def machine_memory_bytes(limits: tuple[Path, ...] = _MEMORY_LIMITS) -> int:
    """Memory of this machine, or of the container that we are in."""
    known = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in limits:
        with contextlib.suppress(OSError, ValueError):
            known.append(int(path.read_text()))
    return min(known)


def runner_environment(settings: Settings, own: Mapping[str, str]) -> dict[str, str]:
    """The environment of a runner that we start: never a secret."""
    inherited = {name: own[name] for name in INHERITED if name in own}
    return inherited | {f"FOURHANDS_{name.upper()}": str(getattr(settings, name)) for name in RUNNER_SETTINGS}
