"""Real sandboxes for tests: a backend with a few toolchains that every machine with a compiler has, and what a run comes to."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from fourhands.execution.backends.sandbox import selftest
from fourhands.execution.backends.sandbox.backend import SandboxBackend
from fourhands.execution.backends.sandbox.command import Change
from fourhands.execution.backends.sandbox.options import SandboxOptions
from fourhands.execution.port import Data, Error, Event, Exit, Health, Job, Limits, Needs, Run, SourceFile, Toolchain

PYTHON = Toolchain(language="python", version="3", run='exec /usr/bin/python3 -u {main} "$@"', repl="exec /usr/bin/python3 -q", main="main.py")
WARM_PYTHON = msgspec.structs.replace(PYTHON, language="warm", warm="python")
SHELL = Toolchain(language="sh", version="1", run='exec sh {main} "$@"', aliases=("bash",), main="main.sh")
C = Toolchain(
    language="c", version="1", compile="gcc -O0 -pipe -o /tmp/main {main}", run='exec /tmp/main "$@"', main="main.c", needs=Needs(compile_memory_bytes=1 << 30)
)
BUILD = Toolchain(language="build", version="1", compile="sh {main}", run="exec sh /tmp/out", main="main.build")
TOOLCHAINS = (PYTHON, WARM_PYTHON, SHELL, C, BUILD)

needs_sandbox = pytest.mark.skipif(
    shutil.which("bwrap") is None or os.geteuid() != 0 or selftest.find_python() is None,
    reason="needs bubblewrap, Python in /usr and, for control groups, root",
)
"""Marks what runs programs: `make test-tools` installs what that takes."""


def job(language: str, *sources: str | bytes, limits: Limits | None = None, **fields: object) -> Job:
    """A job with these files; the first is the main one."""
    names = ["main", *(f"file{number}" for number in range(1, len(sources)))]
    ending = {"python": ".py", "warm": ".py", "sh": ".sh", "c": ".c", "build": ".build"}.get(language, "")
    named = tuple(SourceFile(f"{name}{ending}", source.encode() if isinstance(source, str) else source) for name, source in zip(names, sources, strict=False))
    return Job(**{"id": "test", "language": language, "files": named, "limits": limits or Limits(), **fields})  # pyright: ignore[reportArgumentType]


@dataclass
class Outcome:
    """All that a run said."""

    events: list[Event] = field(default_factory=list)

    def add(self, event: Event) -> None:
        self.events.append(event)

    def _text(self, *streams: str) -> str:
        return b"".join(event.data for event in self.events if hasattr(event, "stream") and event.stream in streams).decode("utf-8", "replace")  # pyright: ignore[reportAttributeAccessIssue]

    @property
    def output(self) -> str:
        return self._text("stdout")

    @property
    def errors(self) -> str:
        return self._text("stderr")

    @property
    def text(self) -> str:
        return self._text("stdout", "stderr")

    @property
    def last(self) -> Exit:
        last = self.events[-1]
        assert isinstance(last, Exit), last
        return last

    @property
    def status(self) -> str:
        last = self.events[-1]
        return last.status if isinstance(last, Exit | Error) else "none"


async def outcome_of(run: Run) -> Outcome:
    """A run to its end."""
    outcome = Outcome()
    async for event in run:
        outcome.add(event)
    return outcome


async def run_job(backend: SandboxBackend, wanted: Job) -> Outcome:
    async with asyncio.timeout(60):
        return await outcome_of(await backend.start(wanted))


async def until(run: AsyncIterator[Event], said: str) -> str:
    """Read until the output has this."""
    text = ""
    async with asyncio.timeout(20):
        async for event in run:
            if isinstance(event, Data):
                text += event.data.decode()
            if said in text:
                return text
    raise AssertionError(text)


@contextlib.asynccontextmanager
async def checked_backend(*toolchains: Toolchain, warm: int = 0, forks: int = 0) -> AsyncIterator[SandboxBackend]:
    """A backend that has passed its self-test. Nothing waits in it that was not asked for, so that what is left can be counted."""
    backend = SandboxBackend(toolchains or TOOLCHAINS, SandboxOptions(warm=warm, forks=forks))
    try:
        health = await backend.check()
        assert health.ok, health
        yield backend
    finally:
        await backend.close()


@contextlib.asynccontextmanager
async def weakened_backend(change: Change, *toolchains: Toolchain) -> AsyncIterator[SandboxBackend]:
    """A backend one of whose protections is taken away. The self-test would refuse it: that is skipped, by hand, here alone."""
    backend = SandboxBackend(toolchains or TOOLCHAINS, SandboxOptions(warm=0, forks=0), change=change)
    backend._bwrap, _ = selftest.find_bwrap("bwrap")
    assert backend._open().ok
    backend._health = Health(True, "not tried")
    try:
        yield backend
    finally:
        await backend.close()


def processes_of(backend: SandboxBackend) -> list[str]:
    """Processes of the users that this backend's runs have."""
    return processes_of_users(set(backend._place.slots._locks) if backend._place else set())


def processes_of_users(uids: set[int]) -> list[str]:
    """What they run. Who has no memory any more (no VmSize) is on its way to being a zombie, or one: nothing of a program runs there."""
    found: list[str] = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                if folder.stat().st_uid in uids and "\nVmSize:" in (folder / "status").read_text():
                    found.append((folder / "cmdline").read_text())
    return found


def groups_of(pid: int) -> list[Path]:
    """A process' places among the control groups. (`os.walk`, since groups of other tests go away meanwhile.)"""
    return [Path(folder, name) for folder, names, _ in os.walk("/sys/fs/cgroup") for name in names if name.startswith(f"fourhands-{pid}-")]


def groups_of_runs(pid: int | None = None) -> list[Path]:
    """Control groups of runs of a process, by default this one; not those in which a fork waits for a program."""
    groups = [path for place in groups_of(pid or os.getpid()) for path in place.glob("run-*") if path.is_dir()]
    waiting = waiting_groups(groups)
    return [path for path in groups if path.name not in waiting]


def waiting_groups(groups: Iterable[Path]) -> set[str]:
    """The names of those in which a fork of the launcher waits."""
    found: set[str] = set()
    for path in groups:
        with contextlib.suppress(OSError):
            if any(b"launcher.py" in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in (path / "cgroup.procs").read_text().split()):
                found.add(path.name)
    return found


def open_descriptors() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))
