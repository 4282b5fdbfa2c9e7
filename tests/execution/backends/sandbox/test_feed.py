"""Input is taken in order, within its limit, however slowly the program reads."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from fourhands.execution.backends.sandbox.feed import Feed


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    os.set_blocking(write, False)
    os.set_blocking(read, False)
    yield read, write
    os.close(read)
    os.close(write)


async def read_all(descriptor: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        try:
            data += os.read(descriptor, size)
        except BlockingIOError:
            await asyncio.sleep(0)
    return data


async def test_more_than_a_pipe_holds_arrives_in_order(pipe: tuple[int, int]) -> None:
    closed: list[bool] = []
    feed = Feed(pipe[1], 1 << 20, lambda: closed.append(True))
    content = os.urandom(300_000)
    writing = asyncio.ensure_future(feed.write(content))
    assert await read_all(pipe[0], len(content)) == content
    assert await writing == len(content)
    assert closed == []
    feed.finish()
    feed.finish()
    assert closed == [True]


async def test_what_is_past_the_limit_is_dropped(pipe: tuple[int, int]) -> None:
    feed = Feed(pipe[1], 5, lambda: None)
    assert await feed.write(b"123") == 3
    assert await feed.write(b"456") == 2
    assert await feed.write(b"7") == 0
    assert os.read(pipe[0], 100) == b"12345"


async def test_it_closes_only_when_all_was_taken(pipe: tuple[int, int]) -> None:
    closed = asyncio.Event()
    feed = Feed(pipe[1], 1 << 20, closed.set)
    feed.accept(bytes(200_000))
    feed.finish()
    assert not closed.is_set()
    await read_all(pipe[0], 200_000)
    await closed.wait()
    assert feed.accept(b"x") == 0


async def test_whoever_waits_is_let_go_when_the_program_is_gone(pipe: tuple[int, int]) -> None:
    feed = Feed(pipe[1], 1 << 20, lambda: None)
    writing = asyncio.ensure_future(feed.write(bytes(200_000)))
    await asyncio.sleep(0)
    assert not writing.done()
    feed.stop()
    assert await writing == 200_000
