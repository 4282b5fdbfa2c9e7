"""A sandbox's whole life: nothing of it is left, and its user id is nobody's before that."""

import asyncio
import os

from fourhands.execution.port import Limits
from tests.execution.sandboxes import (
    checked_backend,
    groups_of,
    groups_of_runs,
    job,
    needs_sandbox,
    open_descriptors,
    outcome_of,
    processes_of,
    processes_of_users,
    run_job,
)

pytestmark = needs_sandbox


async def test_all_is_given_back_in_the_end() -> None:
    async with checked_backend() as backend:
        assert backend._place is not None
        before = open_descriptors() - len(backend._place.slots._locks)
        runs = [await backend.start(job("sh", "sleep 100", limits=Limits(wall_seconds=60))) for _ in range(5)]
        taken = backend._place.slots
        assert len(taken._locks) - len(taken._free) == 5
        for run in runs:
            run.stop()
        await asyncio.gather(*(outcome_of(run) for run in runs))
        assert len(taken._locks) == len(taken._free)
        assert open_descriptors() - len(taken._locks) == before
        assert groups_of_runs() == processes_of(backend) == []
    assert groups_of(os.getpid()) == []


async def test_a_user_id_comes_back_only_when_everything_is_dead() -> None:
    async with checked_backend() as backend:
        assert backend._place is not None
        slots, kept = backend._place.slots, list[list[str]]()
        give_back = slots.give_back
        slots.give_back = lambda uid: (kept.append(processes_of(backend)), give_back(uid))[1]  # type: ignore[method-assign]
        forks = "import os\nfor _ in range(30):\n    if os.fork() == 0:\n        while True: pass\nprint('all')"
        await run_job(backend, job("python", forks, limits=Limits(wall_seconds=1)))
        assert kept == [[]]


async def test_closing_kills_what_runs() -> None:
    async with checked_backend() as backend:
        assert backend._place is not None
        run = await backend.start(job("sh", "sleep 100"))
        uids = set(backend._place.slots._locks)
    said = await outcome_of(run)
    assert said.status == "killed"
    assert processes_of_users(uids) == []
