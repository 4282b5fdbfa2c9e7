"""Runners as processes with real sandboxes, shared by two executors over a real Redis; killed as a power cut would."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from fourhands.execution.port import Data, Error, Event, Exit, Limits, SourceFile, Terminal
from fourhands.execution.remote_run import LOST
from tests.execution.cluster.conftest import LONG, PATIENCE_SECONDS, Installation
from tests.execution.conftest import until
from tests.execution.sandboxes import groups_of_runs, needs_sandbox
from tests.redis_server import needs_redis

pytestmark = [needs_redis, needs_sandbox]
ROOT = Path(__file__).parents[3]
LEASE = 5.0
SLEEP = "import time\nprint('here', flush=True)\ntime.sleep(300)"
PATIENT = Limits(wall_seconds=300, idle_seconds=300)


@contextlib.asynccontextmanager
async def process(module: str, installation: Installation, lease_seconds: float, *languages: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of these tests; it is killed in the end."""
    words = (installation.url, installation.prefix, str(lease_seconds), *languages)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"tests.execution.cluster.{module}", *words, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield started
    finally:
        with contextlib.suppress(ProcessLookupError):
            started.kill()
        await started.wait()


def source(name: str, text: str) -> tuple[SourceFile, ...]:
    return (SourceFile(name, text.encode()),)


def text_of(events: list[Event]) -> bytes:
    return b"".join(event.data for event in events if isinstance(event, Data))


async def printed(events: AsyncIterator[Event], what: bytes) -> bytes:
    """Read until this was said."""
    said = b""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while what not in said:
            event = await anext(events)
            said += event.data if isinstance(event, Data) else b""
    return said


async def test_two_runners_with_different_languages_serve_two_servers_with_terminals_too(installation: Installation) -> None:
    async with process("sandbox_runner", installation, LONG, "python"), process("sandbox_runner", installation, LONG, "sh"):
        servers = [await installation.server(runners=2) for _ in range(2)]
        for server in servers:
            python = await server.events("python", files=source("main.py", "print(6 * 7)"))
            shell = await server.events("sh", files=source("main.sh", "cat; exit 3"), stdin=b"input")
            assert (text_of(python), text_of(shell)) == (b"42\n", b"input")
            assert [event.code for event in (python[-1], shell[-1]) if isinstance(event, Exit)] == [0, 3]
        run = await servers[0].run("sh", files=source("main.sh", "stty size; read line; stty size; echo got $line"), terminal=Terminal(70, 20), limits=PATIENT)
        events = aiter(run)
        await printed(events, b"20 70")
        run.resize(90, 30)
        await run.write(b"word\n")
        assert b"30 90" in await printed(events, b"got word")
        assert [event.status for event in [event async for event in events] if isinstance(event, Exit)] == ["ok"]


async def test_a_runner_that_is_killed_takes_its_runs_with_it_which_are_lost_and_not_run_again(installation: Installation) -> None:
    async with process("sandbox_runner", installation, LEASE, "python") as dies:
        server = await installation.server(runners=1)
        events = aiter(await server.run("python", files=source("main.py", SLEEP), limits=PATIENT))
        await printed(events, b"here")
        async with process("sandbox_runner", installation, LONG, "python") as stays:
            await installation.sees(server, 2)
            dies.kill()
            rest = [event async for event in events]
            assert rest[-1] == Error(message=LOST)
            await until(lambda: [one.batch for one in server.executor.machines()] == [0])
            assert groups_of_runs(stays.pid) == []
            assert text_of(await server.events("python", files=source("main.py", "print('hello')"))) == b"hello\n"


async def test_the_programs_of_a_server_that_is_killed_end(installation: Installation) -> None:
    async with process("sandbox_runner", installation, LONG, "sh") as runner:
        other = await installation.server(runners=1)
        async with process("lone_server", installation, LEASE) as server:
            assert server.stdout is not None
            async with asyncio.timeout(PATIENCE_SECONDS):
                while (line := await server.stdout.readline()) != b"running\n":
                    assert line, "the server ended"
            assert len({path.name for path in groups_of_runs(runner.pid)}) == 1
            server.kill()
            await until(lambda: not groups_of_runs(runner.pid))
            await until(lambda: [one.batch for one in other.executor.machines()] == [0])
        assert text_of(await other.events("sh", files=source("main.sh", "echo hello"))) == b"hello\n"
