"""What arrives while the loop is busy waits, and that is told."""

import asyncio
import time

import pytest

from fourhands.desk.probe import Probe


@pytest.mark.parametrize("kernel", [True, False])
async def test_it_tells_of_each_arrival(kernel: bool) -> None:
    waited: list[float] = []
    came = asyncio.Event()

    def hear(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 5:
            came.set()

    probe = Probe(hear, mean_seconds=0.002, kernel=kernel)
    probe.start()
    await asyncio.wait_for(came.wait(), 20)
    probe.stop()
    assert min(waited) >= 0


async def test_what_comes_while_the_loop_works_waits_until_that_is_done() -> None:
    waited: list[float] = []
    came = asyncio.Event()

    def hear(seconds: float) -> None:
        waited.append(seconds)
        came.set()

    probe = Probe(hear, mean_seconds=0.0001)
    probe.start()
    busy_until = time.monotonic() + 0.05
    while time.monotonic() < busy_until:
        pass
    await asyncio.wait_for(came.wait(), 20)
    probe.stop()
    assert waited[0] > 0.02, "it arrived early in these 50 ms"


async def test_a_probe_that_was_stopped_hears_nothing_more() -> None:
    waited: list[float] = []
    probe = Probe(waited.append, mean_seconds=0.0001)
    probe.start()
    probe.stop()
    probe.stop()
    await asyncio.sleep(0.01)
    assert waited == []
