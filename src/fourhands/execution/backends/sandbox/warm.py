"""Sandboxes with Python started ahead, each for one program: the time to start is spent before somebody clicks.

What is in one was never anybody's: it is made, waits, is taken once, and is killed. A job that wants other than what was
started (a terminal, other sizes of file systems) is run cold.
"""

import asyncio
import marshal
import re
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from fourhands.errors import FourhandsError
from fourhands.execution.backends.sandbox.channels import read_some, readable
from fourhands.execution.backends.sandbox.command import Launch, compose
from fourhands.execution.backends.sandbox.sandbox import Sandbox
from fourhands.execution.backends.sandbox.stages import WAITING, build_warm_script
from fourhands.execution.languages.place import place as fit
from fourhands.execution.port import Job, Limits, SourceFile, Toolchain

PROGRAM = "/opt/fourhands/warm/main.py"
REFILL_SECONDS = 0.05
"""After one was taken: the program that took it goes first."""
AGAIN_SECONDS = 5.0
FIXED = ("disk_bytes", "open_files")
"""Limits that cannot be changed once a sandbox is started."""


class WarmPool:
    """A few of them. `launch` starts one.

    Invariant: each in `_ready` has said that it runs, and was never taken; `_making` are on their way.
    """

    def __init__(self, toolchain: Toolchain, limits: Limits, *, size: int, bwrap: str, launch: Callable[[Launch, Job, int], Awaitable[Sandbox]]) -> None:
        self.toolchain = toolchain
        self._line = warm_line(toolchain)
        self._size = size
        self._bwrap = bwrap
        self._launch = launch
        self._limits = limits.at_least(toolchain.needs)
        self._ready: deque[Sandbox] = deque()
        self._making: set[asyncio.Task[None]] = set()
        self._later: asyncio.TimerHandle | None = None
        self._closed = False

    def fill(self) -> None:
        """Start what is missing."""
        while not self._closed and self._line and len(self._ready) + len(self._making) < self._size:
            task = asyncio.create_task(self._make(), name="a warm sandbox")
            self._making.add(task)
            task.add_done_callback(self._making.discard)

    async def take(self, toolchain: Toolchain, job: Job) -> tuple[Sandbox, bytes] | None:
        """One that waits, and what it has to be told; None if there is none that fits the job. It is the caller's then."""
        fits = toolchain == self.toolchain and job.terminal is None and not job.repl
        if not fits or any(getattr(job.limits, name) != getattr(self._limits, name) for name in FIXED):
            return None
        _, placed = fit(toolchain, job)
        while self._ready:
            sandbox = self._ready.popleft()
            self._refill(REFILL_SECONDS)
            if not sandbox.ended and sandbox.limit(job.limits, job.limits.memory_bytes):
                return sandbox, letter_of(placed)
            await self._discard(sandbox)
        return None

    async def close(self) -> None:
        """Kill them all."""
        self._closed = True
        if self._later:
            self._later.cancel()
        if self._making:
            await asyncio.wait(self._making)
        while self._ready:
            await self._discard(self._ready.popleft())

    async def _make(self) -> None:
        support = (*self.toolchain.support, SourceFile(PROGRAM, Path(__file__).with_name("inside.py").read_bytes()))
        toolchain = msgspec.structs.replace(self.toolchain, support=support)
        script = build_warm_script(self._line)
        launch = compose(self._bwrap, toolchain, (), self._limits, payload=("-c", script, "sh"), terminal=False)
        try:
            sandbox = await self._launch(launch, Job(id="warm", language=toolchain.language, limits=self._limits), self._limits.memory_bytes)
        except FourhandsError:
            self._refill(AGAIN_SECONDS)
            return
        said = b""
        while WAITING not in said:
            await readable(sandbox.channels.marker)
            if not (more := read_some(sandbox.channels.marker)):
                await self._discard(sandbox)
                self._refill(AGAIN_SECONDS)
                return
            said += more
        self._ready.append(sandbox)

    async def _discard(self, sandbox: Sandbox) -> None:
        sandbox.kill()
        await sandbox.end()
        sandbox.close()

    def _refill(self, seconds: float) -> None:
        if not self._closed:
            if self._later:
                self._later.cancel()
            self._later = asyncio.get_running_loop().call_later(seconds, self.fill)


def warm_line(toolchain: Toolchain) -> str:
    """The line that starts its interpreter on our program instead of somebody's; empty if that cannot be told from it."""
    line, found = re.subn(r'\{main\} "\$@"$', PROGRAM, toolchain.run.strip())
    return line if found else ""


def letter_of(job: Job) -> bytes:
    """What the program inside is told."""
    body = marshal.dumps((list(job.args), [(file.name, file.content) for file in job.files]), 4)
    return struct.pack(">I", len(body)) + body
