"""Workers tell each other what they counted."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from fourhands.metrics import gathering
from fourhands.metrics.gathering import Gathering, Seat
from fourhands.metrics.sample import Series, Snapshot


def worker(folder: Path, number: int, count: int) -> Gathering:
    async def take() -> Snapshot:
        return Snapshot(str(number), (Series("one", (), number),))

    return Gathering(Seat(number, count, folder), take)


async def test_whoever_is_asked_asks_the_others(quick_dir: Path) -> None:
    workers = [worker(quick_dir, number, 3) for number in range(3)]
    for one in workers:
        await one.start()
    for one in workers:
        assert [(snapshot.worker, snapshot.series[0].value) for snapshot in await one.all()] == [("0", 0), ("1", 1), ("2", 2)]
    for one in workers:
        await one.stop()


async def test_one_that_is_not_there_is_left_out_and_comes_back(quick_dir: Path) -> None:
    first, second = worker(quick_dir, 0, 2), worker(quick_dir, 1, 2)
    await first.start()
    with capture_logs() as logged:
        assert [snapshot.worker for snapshot in await first.all()] == ["0"]
    assert [line["event"] for line in logged] == ["metrics.worker_silent"]
    (quick_dir / "worker1.sock").touch()  # what a killed one left
    await second.start()
    assert [snapshot.worker for snapshot in await first.all()] == ["0", "1"]
    await first.stop()
    await second.stop()


async def test_one_that_hangs_is_left_out(quick_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    first = worker(quick_dir, 0, 2)
    hanging = await asyncio.start_unix_server(never, quick_dir / "worker1.sock")
    monkeypatch.setattr(gathering, "ANSWER_SECONDS", 0.01)
    assert [snapshot.worker for snapshot in await first.all()] == ["0"]
    hanging.close()
