"""What waits to become a sandbox: taken once, made again, and gone in the end."""

import asyncio
import os
import signal

import pytest

from fourhands.errors import Unavailable
from fourhands.execution.backends.sandbox.backend import SandboxBackend
from fourhands.execution.backends.sandbox.channels import readable
from fourhands.execution.backends.sandbox.forks import ForkPool
from tests.execution.sandboxes import checked_backend, groups_of, groups_of_runs, job, needs_sandbox, outcome_of, run_job, waiting_groups

pytestmark = needs_sandbox


def pool_of(backend: SandboxBackend) -> ForkPool:
    assert backend._place is not None
    return backend._place.forks


async def full(pool: ForkPool) -> None:
    """Until all that wait are there."""
    while pool._making:
        await asyncio.wait(set(pool._making))
    assert len(pool) == pool._size


async def test_whatever_runs_takes_one_that_waits_and_another_comes() -> None:
    async with checked_backend(forks=2) as backend:
        pool = pool_of(backend)
        await full(pool)
        waiting = [fork.pid for _, fork in pool._ready]
        runs = [await backend.start(job(language, source)) for language, source in (("sh", "sleep 100"), ("python", "print(1)\nwhile True: pass"))]
        assert {run._sandbox._process.pid for run in runs} == set(waiting)
        await full(pool)
        assert not {fork.pid for _, fork in pool._ready} & set(waiting)
        for run in runs:
            run.stop()
        assert [(await outcome_of(run)).status for run in runs] == ["killed", "killed"]
        assert groups_of_runs() == []
        assert len(waiting_groups(path for place in groups_of(os.getpid()) for path in place.glob("run-*"))) == 2
    assert groups_of(os.getpid()) == []


async def test_when_none_waits_one_is_made() -> None:
    async with checked_backend(forks=1) as backend:
        await full(pool_of(backend))
        said = await asyncio.gather(*(run_job(backend, job("sh", f"echo {number}")) for number in range(4)))
        assert sorted(one.output for one in said) == ["0\n", "1\n", "2\n", "3\n"]


async def test_one_that_was_killed_is_passed_over() -> None:
    async with checked_backend(forks=2) as backend:
        pool = pool_of(backend)
        await full(pool)
        (_, first), (_, second) = pool._ready
        os.kill(first.pid, signal.SIGKILL)
        await readable(first.descriptor)
        run = await backend.start(job("sh", "echo here"))
        assert run._sandbox._process.pid == second.pid
        assert (await outcome_of(run)).output == "here\n"


async def test_whoever_wants_one_no_more_leaves_it_to_the_next() -> None:
    async with checked_backend() as backend:
        pool = pool_of(backend)
        taking = asyncio.ensure_future(pool.take())
        await asyncio.sleep(0)  # it has begun
        taking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking
        if pool._making:
            await asyncio.wait(set(pool._making))
        await asyncio.sleep(0)
        assert len(pool) == 1
        assert (await run_job(backend, job("sh", "echo mine"))).output == "mine\n"
        assert len(pool) == 0


async def test_where_no_groups_can_be_made_it_is_said_why(monkeypatch: pytest.MonkeyPatch) -> None:
    async with checked_backend() as backend:
        pool = pool_of(backend)

        def full_disk(name: str) -> None:
            raise OSError(28, "No space left on device", name)

        monkeypatch.setattr(pool._groups, "make", full_disk)
        with pytest.raises(Unavailable, match="No space left"):
            await pool.take()
        pool._size = 1
        pool.fill()
        await asyncio.wait(set(pool._making))
        assert len(pool) == 0
