"""How Redis is reached: nothing is tried again behind our back."""

import pytest
from redis.exceptions import ConnectionError as Refused

from fourhands.execution.cluster.connection import AWAY, connect
from fourhands.redis_client.reasons import reason
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
