"""Pictures are read one at a time, each when the one before was fetched."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest_asyncio

from fourhands.execution.backends.sandbox.channels import Channels, open_channels
from fourhands.execution.backends.sandbox.shown import PACE_SECONDS, Shown
from fourhands.execution.backends.sandbox.stages import PICTURES
from fourhands.execution.port import Limits, Picture
from tests.execution.backends.sandbox.test_pictures import framed, png
from tests.execution.conftest import until

LARGE = png(data=100_000)


@pytest_asyncio.fixture
async def channels() -> AsyncIterator[Channels]:
    made = open_channels(None, None)
    yield made
    made.close()


async def write_all(channels: Channels, data: bytes) -> None:
    """As a program does: it waits while the pipe is full."""
    await asyncio.to_thread(_write, channels.theirs[PICTURES], data)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


async def test_nothing_is_read_while_one_waits_to_be_fetched(channels: Channels) -> None:
    told: list[Picture] = []
    shown = Shown(channels, Limits(), told.append)
    shown.listen()
    writing = asyncio.create_task(write_all(channels, framed(LARGE) * 4))
    for number in range(1, 5):
        await until(lambda number=number: len(told) == number)
        for _ in range(5):
            await asyncio.sleep(PACE_SECONDS)
            assert len(told) == number
            assert shown.waits
        shown.see()
    await writing
    assert [picture.data for picture in told] == [LARGE] * 4
    shown.stop()


async def test_at_the_end_all_that_is_there_is_read(channels: Channels) -> None:
    told: list[Picture] = []
    shown = Shown(channels, Limits(pictures=3), told.append)
    await write_all(channels, framed(png()) * 4)
    shown.read(to_the_end=True)
    shown.stop()
    assert len(told) == 3
    shown.read()
    assert len(told) == 3
