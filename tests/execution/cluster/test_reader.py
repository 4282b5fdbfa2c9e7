"""What reads streams: each from its beginning, in order, with one read; it hears of Redis going away and goes on when it is back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import redis.asyncio

from fourhands.execution.cluster.connection import connect
from fourhands.execution.cluster.reader import Fields, Reader
from tests.execution.conftest import until
from tests.redis_server import RedisServer, needs_redis

pytestmark = needs_redis


@contextlib.asynccontextmanager
async def reading(url: str, **options: object) -> AsyncIterator[tuple[Reader, "redis.asyncio.Redis"]]:
    connection, writing = connect(url), redis.asyncio.Redis.from_url(url)
    reader = Reader(connection, **options)  # pyright: ignore[reportArgumentType]
    yield reader, writing
    await connection.aclose()
    await writing.aclose()


async def test_streams_are_read_from_their_beginning_and_one_that_is_added_after_a_wake(redis_server: RedisServer) -> None:
    heard: list[tuple[str, bytes]] = []
    async with reading(redis_server.url) as (reader, writing):
        first, second = f"first {id(reader)}", f"second {id(reader)}"
        for number in range(200):
            await writing.xadd(first, {"n": number})
        reader.add(first, lambda _, fields: heard.append(("first", fields[b"n"])))
        task = asyncio.create_task(reader.run())
        await until(lambda: len(heard) == 200)
        assert [int(number) for _, number in heard] == list(range(200))
        await writing.xadd(second, {"n": "early"})

        def last(entry: bytes, fields: Fields) -> None:
            heard.append(("second", fields[b"n"]))
            reader.remove(second)

        reader.add(second, last)
        await writing.xadd(first, {"n": "wake"})
        await until(lambda: ("second", b"early") in heard)
        await writing.xadd(second, {"n": "late"})
        await writing.xadd(first, {"n": "end"})
        await until(lambda: heard[-1] == ("first", b"end"))
        assert ("second", b"late") not in heard
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await writing.delete(first, second)


async def test_a_redis_that_goes_is_heard_of_and_read_again_when_it_is_back() -> None:
    server, failures, heard = RedisServer(), list[int](), list[bytes]()
    server.start()
    try:
        async with reading(server.url, failed=lambda: failures.append(1)) as (reader, writing):
            reader.add("stream", lambda _, fields: heard.append(fields[b"n"]))
            task = asyncio.create_task(reader.run())
            await writing.xadd("stream", {"n": 1})
            await until(lambda: heard)
            server.kill()
            await until(lambda: failures)
            server.start()
            async with redis.asyncio.Redis.from_url(server.url) as again:
                await again.xadd("stream", {"n": 2})
            await until(lambda: heard == [b"1", b"2"])
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    finally:
        server.stop()
