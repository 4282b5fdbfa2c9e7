"""There is a runner again after it died, with growing pauses; it knows no secret, and nothing of it is left at the end."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fourhands.execution.client import AGAIN, RunnerClient
from fourhands.execution.keeping import FIRST_PAUSE_SECONDS, HEALTHY_SECONDS, LONGEST_PAUSE_SECONDS, Beside, Child, keep
from fourhands.execution.link import Link, server_end
from fourhands.execution.port import Data, Error, Job, Stage
from fourhands.execution.remote_run import LOST
from fourhands.model.clock import SystemClock
from fourhands.runner import Runner, listen
from tests.execution.conftest import until
from tests.execution.scripted import ScriptedBackend
from tests.execution.scripted_runner import COMMAND, ENVIRONMENT


@contextlib.asynccontextmanager
async def kept(child: Child) -> AsyncIterator[RunnerClient]:
    client = RunnerClient()
    keeping = asyncio.create_task(keep(client, child, SystemClock()))
    try:
        await asyncio.wait_for(client.known(), 20)
        yield client
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_child_runs_programs_knows_what_it_was_given_alone_and_ends_with_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "the-key-that-signs-tokens")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///secret.db")
    child = Child(ENVIRONMENT, command=COMMAND)
    async with kept(child) as client:
        assert client.health.ok
        said = [event async for event in await client.start(Job(id="r", language="environment"))]
        known = json.loads(b"".join(event.data for event in said if isinstance(event, Data)))
        assert known.keys() <= {*ENVIRONMENT, "LC_CTYPE"}
        pid = child.pid
        assert pid is not None
    assert not lives(pid)


async def test_a_child_that_dies_takes_its_runs_along_and_another_takes_its_place() -> None:
    child = Child(ENVIRONMENT, command=COMMAND)
    async with kept(child) as client:
        waiting = await client.start(Job(id="r", language="wait"))
        assert await anext(waiting) == Stage("run")
        first = child.pid
        crashing = await client.start(Job(id="r", language="crash"))
        assert [event async for event in crashing][-1] == Error(message=LOST)
        assert [event async for event in waiting] == [Error(message=LOST)]
        assert client.health.sentence == AGAIN
        await until(lambda: client.health.ok)
        assert child.pid != first
        assert [event async for event in await client.start(Job(id="r", language="python"))]


async def test_a_child_ends_when_the_server_is_gone_however_that_went() -> None:
    ours, theirs = socket.socketpair()
    process = await asyncio.create_subprocess_exec(*COMMAND, str(theirs.fileno()), pass_fds=(theirs.fileno(),), env=ENVIRONMENT)
    theirs.close()
    client = RunnerClient()
    using = asyncio.create_task(client.serve(server_end(*await asyncio.open_connection(sock=ours))))
    await client.known()
    run = await client.start(Job(id="r", language="wait"))
    assert await anext(run) == Stage("run")
    await client.close()
    assert await asyncio.wait_for(process.wait(), 20) == 0
    await using


async def test_a_child_ends_its_runs_when_it_is_told_to_end() -> None:
    child = Child(ENVIRONMENT, command=COMMAND)
    async with kept(child) as client:
        run = await client.start(Job(id="r", language="wait"))
        assert await anext(run) == Stage("run")
        assert child.pid is not None
        os.kill(child.pid, signal.SIGTERM)
        assert len([event async for event in run]) == 1


async def test_a_child_that_does_not_end_is_killed() -> None:
    child = Child(ENVIRONMENT, command=(sys.executable, "-c", "import signal; signal.pause()"), end_seconds=0.05)
    link = await child.connect()
    pid = child.pid
    assert pid is not None
    link.close()
    await asyncio.wait_for(child.end(), 20)
    assert not lives(pid)
    await child.end()


async def test_a_child_that_cannot_be_started_is_told() -> None:
    async with kept(Child({}, command=("/nowhere/python",))) as client:
        assert client.health.sentence == "The runner cannot be started: No such file or directory."


class Clock:
    now = 0.0

    def now_ms(self) -> int:
        return 0

    def monotonic(self) -> float:
        return self.now


class Failing:
    """A way to a runner that ends at once, or after `lives` seconds of the clock."""

    def __init__(self, clock: Clock, lives: list[float | None]) -> None:
        self._clock = clock
        self._lives = lives
        self.ended = 0

    async def connect(self) -> "Link":
        seconds = self._lives.pop(0)
        if seconds is None:
            raise ConnectionRefusedError(111, "refused")
        self._clock.now += seconds
        one, other = socket.socketpair()
        other.close()
        return server_end(*await asyncio.open_connection(sock=one))

    async def end(self) -> None:
        self.ended += 1

    def why_not(self, error: OSError) -> str:
        return f"no: {error.strerror}"


async def test_pauses_grow_until_a_runner_has_lived_for_a_while() -> None:
    clock, pauses = Clock(), []
    failing = Failing(clock, [None] * 8 + [0.0, HEALTHY_SECONDS, 0.0])
    client = RunnerClient()

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if not failing._lives:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await keep(client, failing, clock, sleep=sleep)
    doubled = [min(FIRST_PAUSE_SECONDS * 2**number, LONGEST_PAUSE_SECONDS) for number in range(9)]
    assert pauses == [*doubled, FIRST_PAUSE_SECONDS, 2 * FIRST_PAUSE_SECONDS]
    assert failing.ended == 3
    assert client.health.sentence == AGAIN


async def test_a_runner_at_a_socket_is_used_when_it_is_there(tmp_path: Path) -> None:
    path, backend, client = tmp_path / "runner.sock", ScriptedBackend(), RunnerClient()
    keeping = asyncio.create_task(keep(client, Beside(path), SystemClock()))
    await client.known()
    assert f"fourhands runner --listen unix://{path}" in client.health.sentence
    listening = asyncio.create_task(listen(Runner(backend, test_seconds=3600), backend, path, 0o600, started=lambda: None))
    await until(lambda: client.health.ok)
    assert [event async for event in await client.start(Job(id="r", language="python"))]
    keeping.cancel()
    listening.cancel()
    await asyncio.gather(keeping, listening, return_exceptions=True)
