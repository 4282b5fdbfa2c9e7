"""Instances that share a Redis and have other secrets than each other notice it, and nobody who reads Redis learns one."""

from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from fourhands.shared_state import likeness
from fourhands.shared_state.likeness import NAME, STRANGERS, UNREADABLE, Likeness, differs
from tests.redis_server import RedisServer, needs_redis

pytestmark = needs_redis
KEYS = b"one", b"two", b"three"


@pytest.mark.parametrize(
    ("own", "first", "problem"),
    [
        ([b"s"], [b"s"], ""),
        ([b"s"], [b"t"], STRANGERS),
        ([b"s", b"1"], [b"s", b"1"], ""),
        ([b"s", b"2", b"1"], [b"s", b"1"], ""),
        ([b"s", b"2"], [b"s", b"1"], UNREADABLE),
        ([b"s"], [b"s", b"1"], UNREADABLE),
        ([b"s", b"1"], [b"s"], UNREADABLE),
    ],
)
def test_what_belongs_together(own: list[bytes], first: list[bytes], problem: str) -> None:
    assert differs(own, first) == problem


async def test_who_comes_with_another_secret_says_so_until_the_others_are_gone(redis_server: RedisServer) -> None:
    prefix = redis_server.prefix()
    state, client = redis_server.state(prefix), Redis.from_url(redis_server.url)
    redis: Any = client
    try:
        one, same, other = (Likeness(state, prefix, secret, KEYS[:1]) for secret in ("a long secret", "a long secret", "another secret"))
        with capture_logs() as logged:
            for instance in (one, same, other, other):
                await instance.look(state)
        assert (one.problem, same.problem, other.problem) == ("", "", STRANGERS)
        assert [entry["event"] for entry in logged].count("instance.unlike") == 1
        [key] = [key async for key in redis.scan_iter(match=f"{prefix}*{NAME}")]
        assert 0 < await redis.ttl(key) <= likeness.HELD_SECONDS
        said: bytes = await redis.get(key)
        assert len(said) == 2 * likeness.DIGEST_BYTES
        assert not any(secret in said for secret in (b"a long", b"one"))
        await redis.delete(key)
        await other.look(state)
        await one.look(state)
        assert (one.problem, other.problem) == (STRANGERS, "")
    finally:
        await state.close()
        await client.aclose()


async def test_what_was_known_holds_while_redis_is_away() -> None:
    server = RedisServer()
    server.start()
    state = server.state("away")
    try:
        alone = Likeness(state, "away", "a long secret", ())
        await alone.look(state)
        server.kill()
        await alone.look(state)
        assert alone.problem == ""
    finally:
        server.stop()
        await state.close()


async def test_without_redis_there_is_nobody_to_be_unlike() -> None:
    await Likeness(None, "", "a long secret", ()).run()


def test_installations_with_one_secret_are_not_seen_to_have_it() -> None:
    assert likeness.digest(b"secret", "one") != likeness.digest(b"secret", "two")
