"""The common state in a real Redis: counts of all instances together, words that hold, and what happens when it is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from structlog.testing import capture_logs

from fourhands.errors import Unavailable
from fourhands.shared_state.redis import WORDS_SECONDS, RedisState
from tests.redis_server import RedisServer, needs_redis

pytestmark = needs_redis
PATIENCE_SECONDS = 60.0


@asynccontextmanager
async def instances(server: RedisServer, number: int) -> AsyncIterator[list[RedisState]]:
    """So many that share a prefix."""
    prefix = server.prefix()
    opened = [server.state(prefix) for _ in range(number)]
    try:
        yield opened
    finally:
        for one in opened:
            await one.close()


async def until_asked(state: RedisState, *, works: bool) -> None:
    """Ask until it is there again, or away."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                await state.words()
            except Unavailable:
                if not works:
                    return
            else:
                if works:
                    return
            await asyncio.sleep(0.02)


async def test_hits_at_several_instances_at_once_keep_within_the_limit_together(redis_server: RedisServer) -> None:
    async with instances(redis_server, 3) as states:
        taken = await asyncio.gather(*(states[number % 3].hit("key", 10, 900) for number in range(40)))
        assert sum(taken) == 10
        counts = [await state.counts("key", 900) for state in states]
        assert {(one.previous, one.current) for one in counts} == {(0, 10)}
        assert all(900 < one.current_ttl <= 1800 for one in counts)
        assert await states[0].hit("another", 10, 900)


async def test_words_hold_for_those_who_ask_later_until_another_is_said(redis_server: RedisServer) -> None:
    async with instances(redis_server, 2) as (one, other):
        assert await other.words() == {}
        await one.say("mode", b"open")
        await one.say("level", b"\xff\x00")
        assert await other.words() == {"mode": b"open", "level": b"\xff\x00"}
        await other.say("mode", b"drain")
        assert await one.words() == {"mode": b"drain", "level": b"\xff\x00"}


async def test_all_that_is_kept_runs_out_and_bears_the_prefix(redis_server: RedisServer) -> None:
    prefix = redis_server.prefix()
    state = redis_server.state(prefix)
    client: Any = Redis.from_url(redis_server.url)
    try:
        await state.hit("key", 10, 900)
        await state.say("mode", b"open")
        keys = [key async for key in client.scan_iter(match=f"*{prefix}*")]
        assert len(keys) == 2
        assert all(key.startswith(prefix.encode()) for key in keys)
        assert all([0 < await client.ttl(key) <= max(WORDS_SECONDS, 1800) for key in keys])
    finally:
        await state.close()
        await client.aclose()


async def go_away_and_come_back(server: RedisServer) -> None:
    async with instances(server, 1) as (state,):
        await state.say("mode", b"open")
        server.kill()
        await until_asked(state, works=False)
        for ask in (state.words(), state.counts("key", 60), state.hit("key", 1, 60), state.say("mode", b"")):
            with pytest.raises(Unavailable) as away:
                await ask
            assert away.value.dependency == "redis"
        server.start()
        await until_asked(state, works=True)
        assert await state.words() == {}, "it keeps nothing on disk"
        server.kill()  # what it had connected to is gone, though it is back
        server.start()
        await until_asked(state, works=True)
        assert await state.hit("key", 1, 60)


async def test_while_it_is_away_everybody_hears_so_at_once_and_it_comes_back_by_itself() -> None:
    server = RedisServer()
    server.start()
    try:
        with capture_logs() as logged:
            await go_away_and_come_back(server)
    finally:
        server.stop()
    said = [entry["event"] for entry in logged]
    assert said.count("redis.away") == said.count("redis.back") >= 1


async def test_who_is_told_to_end_while_asking_ends(redis_server: RedisServer) -> None:
    async def answered_otherwise() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as cancelled:
            raise RedisConnectionError from cancelled  # as the client does at times

    state = redis_server.state(redis_server.prefix())
    asking = asyncio.create_task(state._asked(answered_otherwise))  # pyright: ignore[reportPrivateUsage] - what all of its questions go through
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not state.is_away
    await state.close()
