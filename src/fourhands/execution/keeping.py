"""Sees to it that the server has a runner: starts it or connects to it, and again, with growing pauses, when it is gone.

The child that is started gets an environment of its own, which holds no secret: see `app`.
"""

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import structlog

from fourhands.execution.client import RunnerClient
from fourhands.execution.link import FromRunner, Link, server_end
from fourhands.model.clock import Clock

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 10.0
HEALTHY_SECONDS = 30.0
"""A runner that lived so long is started again without the pauses that its predecessors had earned."""
COMMAND = (sys.executable, "-P", "-m", "fourhands.runner")
"""Followed by the number of the descriptor. -P: what lies in the folder that the server was started in is not imported."""
END_SECONDS = 1.5
"""How long a child may take to end its runs and itself."""

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.execution")


class Connector(Protocol):
    """A way to a runner."""

    async def connect(self) -> "Link[FromRunner]":
        """Raises `OSError` if there is none."""
        ...

    async def end(self) -> None:
        """The link has ended: leave nothing of it behind."""
        ...

    def why_not(self, error: OSError) -> str:
        """That there is no runner, and what to do: a sentence."""
        ...


class Child:
    """A runner that belongs to this server: a child, at the other end of a pair of sockets. It ends with its end of them."""

    def __init__(self, environment: dict[str, str], *, command: tuple[str, ...] = COMMAND, end_seconds: float = END_SECONDS) -> None:
        self._environment = environment
        self._command = command
        self._end_seconds = end_seconds
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The child that runs now."""
        return self._process.pid if self._process is not None else None

    async def connect(self) -> "Link[FromRunner]":
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                str(theirs.fileno()),
                env=self._environment,
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in a terminal is for the server, which ends it in order
            )
        return server_end(*await asyncio.open_connection(sock=ours))

    async def end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        try:
            await asyncio.wait_for(process.wait(), self._end_seconds)
        except TimeoutError:
            log.warning("runner.killed", pid=process.pid, reason="It did not end by itself.")
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            raise
        log.info("runner.ended", code=process.returncode)

    def why_not(self, error: OSError) -> str:
        return f"The runner cannot be started: {error.strerror or error}."


class Beside:
    """A runner that somebody else started (`fourhands runner --listen`), at a socket of this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def connect(self) -> "Link[FromRunner]":
        return server_end(*await asyncio.open_unix_connection(str(self._path)))

    async def end(self) -> None:
        pass

    def why_not(self, error: OSError) -> str:
        return f"There is no runner at {self._path} ({error.strerror or error}): start it with  fourhands runner --listen unix://{self._path}"


async def keep(client: RunnerClient, connector: Connector, clock: Clock, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
    """Until cancelled: connect, serve, and when that has ended, after a pause, again."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        since = clock.monotonic()
        try:
            link = await connector.connect()
        except OSError as error:
            why = connector.why_not(error)
            if client.health.sentence != why:  # once, not at every try
                log.warning("runner.away", reason=why)
            client.away(why)
        else:
            try:
                await client.serve(link)
            finally:
                await connector.end()
        if clock.monotonic() - since >= HEALTHY_SECONDS:
            pause = FIRST_PAUSE_SECONDS
        await sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
