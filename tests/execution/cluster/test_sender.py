"""What writes to Redis: in order, many at once, again after Redis was away, and it says when a key was missing."""

import asyncio

from fourhands.execution.cluster.connection import connect
from fourhands.execution.cluster.sender import FULL, Sender
from tests.execution.conftest import until
from tests.redis_server import RedisServer, needs_redis

pytestmark = needs_redis


async def test_all_is_written_in_order_and_what_did_nothing_is_heard_of(redis_server: RedisServer) -> None:
    connection, missing = connect(redis_server.url), list[str]()
    sender = Sender(connection)
    key = f"sender {id(sender)}"
    for number in range(FULL + 10):
        sender.put("RPUSH", key, number)
    assert sender.is_full
    sender.put("XADD", f"{key} none", "NOMKSTREAM", "*", "a", "b", missing=lambda: missing.append("stream"))
    sender.put("XADD", key, "*", "a", "b", missing=lambda: missing.append("no stream"))
    task = asyncio.create_task(sender.run())
    await sender.drain()
    assert not sender.is_full
    await sender.empty()
    assert [int(value) for value in await connection.lrange(key, 0, -1)] == list(range(FULL + 10))
    assert missing == ["stream", "no stream"]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    sender.put("SET", key, "never")
    await sender.empty()  # it has ended: nobody waits for ever
    await connection.delete(key)
    await connection.aclose()


async def test_what_was_said_while_redis_was_away_is_written_when_it_is_back() -> None:
    server = RedisServer()
    connection = connect(server.url)
    sender = Sender(connection)
    task = asyncio.create_task(sender.run())
    for number in range(3):
        sender.put("RPUSH", "key", number)
    await asyncio.sleep(0)
    server.start()
    try:
        await asyncio.wait_for(sender.empty(), 30)
        assert await connection.lrange("key", 0, -1) == [b"0", b"1", b"2"]
        server.kill()
        sender.put("SET", "key", "x")
        sender.forget()
        await until(lambda: not sender.is_full)
        await sender.empty()
    finally:
        server.stop()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await connection.aclose()
