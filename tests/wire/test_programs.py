"""Programs and the life of the processes around them, over a whole server: what is killed takes its programs along, and what was lost is told."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.execution.sandboxes import needs_sandbox
from tests.server import ServerProcess

TOKEN = "a-token-of-the-tests"
SECONDS = 60

pytestmark = needs_sandbox


class Programs:
    """A server that runs programs, and one client of its API."""

    def __init__(self, folder: Path) -> None:
        self.server = ServerProcess(folder, env={"FOURHANDS_RUNNER": "child", "FOURHANDS_API_TOKENS": TOKEN})
        self.client = httpx.AsyncClient(timeout=SECONDS, headers={"Authorization": f"Bearer {TOKEN}"})

    async def ready(self) -> None:
        async with asyncio.timeout(SECONDS):
            while (answer := await self.client.get(f"{self.server.url}/readyz")).status_code != 200 or answer.json()["off"]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def execute(self, code: str, timeout_ms: int = 10_000) -> httpx.Response:
        body: dict[str, Any] = {"language": "bash", "version": "*", "files": [{"content": code}], "run_timeout": timeout_ms}
        return await self.client.post(f"{self.server.url}/api/v2/execute", json=body)

    async def begin(self, marker: str) -> "asyncio.Task[httpx.Response]":
        """A program that goes on; returns when it is there."""
        running = asyncio.create_task(self.execute(f"exec -a {marker} sleep 1000"))
        await until(lambda: is_there(marker))
        return running

    @property
    def runner(self) -> int:
        """The process id of the runner."""
        (pid,) = [pid for pid, words in processes() if "fourhands.runner" in words and parent_of(pid) == self.server.pid]
        return pid


def processes() -> list[tuple[int, str]]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                found.append((int(entry.name), (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")))
    return found


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what other processes do. Raises `TimeoutError`."""
    async with asyncio.timeout(SECONDS):
        while not holds():  # noqa: ASYNC110 - nothing here tells of it
            await asyncio.sleep(0.02)


def is_there(marker: str) -> bool:
    """Whether a program is: its command begins with the marker."""
    return any(words.startswith(marker) for _, words in processes())


@pytest.fixture
async def programs(tmp_path: Path) -> AsyncIterator[Programs]:
    started = Programs(tmp_path)
    started.server.start()
    try:
        await started.ready()
        yield started
    finally:
        await started.client.aclose()
        started.server.stop()


async def test_a_runner_that_is_killed_takes_its_programs_along_and_is_replaced(programs: Programs) -> None:
    marker = f"killed-runner-{os.getpid()}"
    running = await programs.begin(marker)
    first = programs.runner
    os.kill(first, signal.SIGKILL)
    answer = await running
    assert (answer.status_code, "lost" in answer.json()["message"]) == (503, True)
    await until(lambda: not is_there(marker))
    await programs.ready()
    assert programs.runner != first
    assert (await programs.execute("echo again")).json()["run"]["stdout"] == "again\n"


async def test_a_server_that_is_killed_leaves_nothing_running(programs: Programs) -> None:
    marker = f"killed-server-{os.getpid()}"
    running = await programs.begin(marker)
    runner = programs.runner
    programs.server.kill()
    with pytest.raises(httpx.HTTPError):
        await running
    await until(lambda: not is_there(marker))
    await until(lambda: all(pid != runner for pid, _ in processes()))
    programs.server.start()
    await programs.ready()
    assert (await programs.execute("echo again")).json()["run"]["stdout"] == "again\n"


async def test_a_server_that_stops_ends_its_programs_in_time(programs: Programs) -> None:
    marker = f"stopped-server-{os.getpid()}"
    running = await programs.begin(marker)
    waiting = [asyncio.create_task(programs.execute("echo late")) for _ in range(4)]
    assert await asyncio.to_thread(programs.server.stop) == 0
    told = await asyncio.gather(running, *waiting, return_exceptions=True)
    assert isinstance(told[0], httpx.Response)
    assert told[0].json()["run"]["signal"] == "SIGKILL"
    await until(lambda: not is_there(marker))
    assert "stop.out_of_time" not in programs.server.log
