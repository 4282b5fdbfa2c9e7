"""Every hostile program is contained, ends as it has to, and leaves nothing; what runs beside it does not notice."""

import asyncio
import re
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fourhands.execution.backends.sandbox.backend import SandboxBackend
from tests.execution.hostile.corpus import Hostile, read_corpus
from tests.execution.sandboxes import Outcome, checked_backend, groups_of_runs, job, needs_sandbox, open_descriptors, processes_of, run_job

AT_ONCE = 4
NEIGHBOUR_SECONDS = 2.0
CORPUS = read_corpus()

pytestmark = [needs_sandbox, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend() -> AsyncIterator[SandboxBackend]:
    async with checked_backend() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ends(backend: SandboxBackend) -> dict[str, Outcome]:
    """What became of each, run side by side, with a neighbour who prints a line over and over."""
    gate, ends, slow = asyncio.Semaphore(AT_ONCE), dict[str, Outcome](), list[float]()
    done = asyncio.Event()

    async def attack(hostile: Hostile) -> None:
        async with gate:
            ends[hostile.name] = await run_job(backend, hostile.job())

    async def neighbour() -> None:
        while not done.is_set():
            begun = time.monotonic()
            said = await run_job(backend, job("python", "print('hello')"))
            slow.append(time.monotonic() - begun)
            assert said.output == "hello\n"

    beside = asyncio.ensure_future(neighbour())
    await asyncio.gather(*(attack(hostile) for hostile in CORPUS))
    done.set()
    await beside
    slow.sort()
    ends["neighbour"] = Outcome()
    print(f"neighbour: {len(slow)} runs, median {slow[len(slow) // 2]:.3f} s, slowest {slow[-1]:.3f} s")
    return ends


@pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: hostile.name)
async def test_it_is_contained(ends: dict[str, Outcome], hostile: Hostile) -> None:
    end = ends[hostile.name]
    assert "ESCAPED" not in end.text, end.text
    assert end.status in hostile.statuses, (end.status, end.text[-500:], end.events[-1])
    assert re.search(hostile.heads.get("says", ""), end.output), end.text
    assert end.last.signal == hostile.heads.get("signal", end.last.signal)
    assert end.last.stage == hostile.heads.get("stage", end.last.stage)


@pytest.mark.usefixtures("ends")
async def test_nothing_is_left(backend: SandboxBackend) -> None:
    assert backend._place is not None
    assert processes_of(backend) == []
    assert groups_of_runs() == []
    assert backend._place.slots._locks.keys() == set(backend._place.slots._free)
    before = open_descriptors() - len(backend._place.slots._locks)
    await asyncio.gather(*(run_job(backend, job("sh", "yes | head -c 100000")) for _ in range(8)))
    assert open_descriptors() - len(backend._place.slots._locks) == before
