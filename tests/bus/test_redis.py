"""The bus on a real Redis: what is kept there, and what becomes of it when Redis goes away or refuses us."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from fourhands.bus.envelope import EVERYBODY
from fourhands.bus.messages import Durable, Edit, Message, Word
from fourhands.bus.redis import RedisBus
from fourhands.errors import Unavailable
from tests.redis_server import RedisServer, needs_redis

pytestmark = needs_redis
ROOM = "k7f3-9q2m-x4tz"
ADA, LIN = "ada".ljust(16, "0"), "lin".ljust(16, "0")


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a bus tells nobody that it has nothing more
            await asyncio.sleep(0.005)


class Pair:
    """Two instances on one Redis, and what the second one hears in the room."""

    def __init__(self, url: str, **options: int) -> None:
        self.prefix = secrets.token_hex(8)
        self.key = f"{self.prefix}:{{0}}:on:{ROOM}"
        self.ada, self.lin = [RedisBus(url, name, prefix=self.prefix, lease_seconds=2, **options) for name in (ADA, LIN)]
        self.heard: list[Message] = []
        self.reached: list[bool] = []
        self.missed: list[str] = []
        self.lin.on_reached, self.lin.on_missed = self.reached.append, self.missed.append

    def hear(self, _: str, messages: Sequence[Message]) -> None:
        self.heard.extend(messages)

    async def start(self) -> None:
        for bus in (self.ada, self.lin):
            await bus.start(self.hear)
        await until(lambda: self.ada.reached and self.lin.reached)
        await self.lin.subscribe(ROOM, self.hear)

    async def stop(self) -> None:
        for bus in (self.ada, self.lin):
            await bus.stop()


@pytest.fixture
async def pair(redis_server: RedisServer) -> AsyncIterator[Pair]:
    made = Pair(redis_server.url, entries=1000)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """One for this test alone: it is killed."""
    server = RedisServer()
    server.start()
    yield server
    server.kill()


async def test_streams_are_trimmed_and_go_by_themselves(pair: Pair, redis_server: RedisServer) -> None:
    for ticket in range(1500):
        pair.ada.publish(ROOM, Durable(ticket))
        pair.ada._send()  # each by itself
        await asyncio.sleep(0)
    await until(lambda: Durable(1499) in pair.heard)
    assert pair.heard == [Durable(ticket) for ticket in range(1500)]
    async with Redis.from_url(redis_server.url) as redis:
        assert 1000 <= await redis.xlen(pair.key) < 1500
        assert 0 < await redis.ttl(pair.key) <= 600
        large = Edit(1, "ada", 1, bytes(5_000_000))
        pair.ada.publish(ROOM, large)
        await until(lambda: large in pair.heard)
        assert await redis.xlen(pair.key) < 200


async def test_what_is_said_together_is_one_entry(pair: Pair, redis_server: RedisServer) -> None:
    for ticket in range(50):
        pair.ada.publish(ROOM, Durable(ticket))
    await until(lambda: len(pair.heard) >= 50)
    async with Redis.from_url(redis_server.url) as redis:
        assert await redis.xlen(pair.key) == 1


async def test_a_poisoned_entry_is_passed_over_and_so_is_one_that_somebody_cannot_take(pair: Pair, redis_server: RedisServer) -> None:
    async with Redis.from_url(redis_server.url) as redis:
        for poison in (b"\x01", b"\xff" * 40, b"\x01" + ADA.encode() + bytes(8) + b"\xc1"):
            await redis.xadd(pair.key, {"m": poison})
    broken = True

    def hear(sender: str, messages: Sequence[Message]) -> None:
        if broken:
            raise RuntimeError("a mistake in one room")
        pair.hear(sender, messages)

    await pair.lin.subscribe(EVERYBODY, hear)
    pair.ada.publish(EVERYBODY, Word("this breaks", b""))
    pair.ada.publish(ROOM, Durable(1))
    await until(lambda: Durable(1) in pair.heard)
    await asyncio.sleep(0)
    broken = False
    pair.ada.publish(EVERYBODY, Word("over", b""))
    await until(lambda: Word("over", b"") in pair.heard)


async def test_what_was_trimmed_before_it_was_read_is_missed(pair: Pair, redis_server: RedisServer) -> None:
    room = "another-room"
    async with Redis.from_url(redis_server.url) as redis, redis.pipeline() as pipeline:
        for _ in range(600):
            pipeline.xadd(f"{pair.prefix}:{{0}}:on:{room}", {"m": b"\x01"})
        await pipeline.execute()
    await pair.lin.subscribe(room, pair.hear)
    stream = next(one for one in pair.lin._lanes[0]._streams.values() if one.channel == room)
    stream.seen(b"0-1")
    await until(lambda: pair.missed)
    assert pair.missed == [room]
    assert pair.key.encode() in pair.lin._lanes[0].channels()


async def test_when_redis_goes_and_comes_back_both_hear_of_it_and_go_on(own_redis: RedisServer) -> None:
    pair = Pair(own_redis.url)
    await pair.start()
    try:
        own_redis.kill()
        await until(lambda: not pair.lin.reached and not pair.ada.reached)
        with pytest.raises(Unavailable):
            await pair.lin.hold(ROOM)
        own_redis.start()
        await until(lambda: pair.lin.reached and pair.ada.reached)
        assert pair.reached == [True, False, True]
        pair.ada.publish(ROOM, Durable(5))
        await until(lambda: Durable(5) in pair.heard)
        assert await pair.lin.hold(ROOM) == []
    finally:
        await pair.stop()


async def test_what_is_said_while_redis_is_away_is_bounded(own_redis: RedisServer) -> None:
    pair = Pair(own_redis.url, backlog_bytes=100_000)
    await pair.start()
    try:
        own_redis.kill()
        await until(lambda: not pair.ada.reached)
        for number in range(50):
            pair.ada.publish(ROOM, Edit(number, "ada", 1, bytes(10_000)))
            await asyncio.sleep(0)
        assert pair.ada._lanes[0]._waiting_bytes <= 100_000
    finally:
        await pair.stop()


async def test_a_password_of_the_url_is_used_and_never_shown() -> None:
    server = RedisServer("--requirepass", "wrong-horse")
    server.start()
    url = server.url.replace("//", "//:wrong-horse@")
    try:
        pair = Pair(url)
        await pair.start()
        await pair.stop()
        refused = RedisBus(url.replace("wrong-horse", "battery-staple"), ADA)
        with capture_logs() as logged:
            await refused.start(pair.hear)
            await until(lambda: any(entry["event"] == "bus.lane_broken" for entry in logged))
            assert not refused.reached
            await refused.stop()
        assert "battery-staple" not in str(logged)
    finally:
        server.kill()


async def test_an_instance_that_nobody_hears_of_is_lost(redis_server: RedisServer) -> None:
    pair, lost = Pair(redis_server.url), list[str]()
    await pair.start()
    pair.lin.on_lost = lost.append
    await until(lambda: ADA in pair.lin._living)
    for task in pair.ada._tasks:
        task.cancel()
    await until(lambda: ADA in lost)
    await pair.lin.stop()
