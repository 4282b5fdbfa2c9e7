"""A connection that was taken over: answers in their order, errors as redis-py's, its end told once."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop
from redis.asyncio.connection import Connection
from redis.exceptions import ResponseError

from fourhands.bus.stream import pack
from fourhands.bus.wire import Wire
from tests.redis_server import RedisServer, needs_redis

pytestmark = needs_redis


class Ears:
    """What a wire says."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.lost: list[Exception] = []
        self.more = asyncio.Event()

    def answered(self, answer: Any) -> None:
        self.answers.append(answer)
        self.more.set()

    def ended(self, error: Exception) -> None:
        self.lost.append(error)
        self.more.set()

    async def until(self, count: int, *, lost: int = 0) -> None:
        async with asyncio.timeout(60):
            while len(self.answers) < count or len(self.lost) < lost:
                self.more.clear()
                await self.more.wait()


@pytest.fixture
def ears() -> Ears:
    return Ears()


async def wire_to(server: RedisServer, ears: Ears) -> tuple[Connection, Wire]:
    connection = Connection(port=server.port, protocol=2)
    await connection.connect()
    return connection, Wire(connection, ears.answered, ears.ended)


async def test_answers_come_in_their_order_as_bytes_and_errors_among_them(redis_server: RedisServer, ears: Ears) -> None:
    connection, wire = await wire_to(redis_server, ears)
    key = redis_server.prefix()
    large = b"x" * 3_000_000
    wire.write(pack("SET", key, large) + pack("NONSENSE") + pack("GET", key) + pack("GET", "nothing") + pack("DEL", key))
    await ears.until(5)
    assert (ears.answers[0], ears.answers[2:]) == (b"OK", [large, None, 1])
    assert isinstance(ears.answers[1], ResponseError)
    wire.close()
    await connection.disconnect(nowait=True)
    assert ears.lost == []


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_that_redis_ended_is_told_once_and_writing_on_is_no_error(run: Callable[[Coroutine[Any, Any, None]], None]) -> None:
    run(_ended_and_written_to(Ears()))


async def _ended_and_written_to(ears: Ears) -> None:
    server = RedisServer()
    server.start()
    try:
        connection, wire = await wire_to(server, ears)
    finally:
        server.kill()
    await ears.until(0, lost=1)
    wire.write(pack("PING"))
    await connection.disconnect(nowait=True)
    assert len(ears.lost) == 1
    assert isinstance(ears.lost[0], ConnectionError)


async def test_what_is_no_answer_ends_it(ears: Ears) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        writer.write(b"HTTP/1.1 400 Bad Request\r\n")

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
        connection = Connection(port=1, protocol=2)
        connection._reader, connection._writer = reader, writer
        Wire(connection, ears.answered, ears.ended)
        await ears.until(0, lost=1)
        writer.close()
    assert "cannot be read" in str(ears.lost[0])
