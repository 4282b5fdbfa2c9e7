"""How Redis is reached: nothing is tried again behind our back, and what went wrong is said without an address."""

import asyncio

import pytest
from redis.exceptions import ConnectionError as Refused

from fourhands.execution.cluster.connection import AWAY, connect, reason, require_wanted
from tests.redis_server import RedisServer, free_port


async def test_a_redis_that_is_not_there_is_an_error_at_once_and_tells_no_password() -> None:
    connection = connect(f"redis://:secret@127.0.0.1:{free_port()}/0")
    with pytest.raises(Refused) as raised:
        await connection.ping()
    assert isinstance(raised.value, AWAY)
    assert "secret" not in reason(raised.value)
    await connection.aclose()


async def test_what_was_sent_once_is_sent_once(redis_server: RedisServer) -> None:
    connection = connect(redis_server.url)
    retry = connection.get_retry()
    assert retry is not None
    assert retry.get_retries() == 0
    assert await connection.ping()
    await connection.aclose()


def test_silence_has_no_words() -> None:
    assert reason(TimeoutError()) == "TimeoutError"
    assert reason(ValueError("first\nsecond")) == "ValueError: first"


async def test_who_was_told_to_end_ends_even_if_the_client_swallowed_it() -> None:
    async def swallows() -> None:
        while True:
            require_wanted()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue

    task = asyncio.create_task(swallows())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=20)
    assert task.cancelled()
