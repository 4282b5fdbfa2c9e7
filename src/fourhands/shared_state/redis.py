"""The instances' common state in Redis. Every key begins with the installation's prefix, and every key expires."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, cast

import structlog
from limits.aio.storage import RedisStorage
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from fourhands.errors import Unavailable
from fourhands.model.clock import Clock
from fourhands.redis_client.ending import require_wanted
from fourhands.redis_client.pools import BlockingFollowingPool, pool_of
from fourhands.redis_client.reasons import reason
from fourhands.shared_state.port import Counts

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.shared_state")

CONNECTIONS = 16
ANSWER_SECONDS = 0.5
"""How long Redis may take to answer; it is on the same network, and people wait."""
AWAY_SECONDS = 0.5
"""How long it is not asked again after it did not answer: those who would ask meanwhile hear at once that it is away."""
WORDS_SECONDS = 3600
AWAY = "Redis is away."

Answer = TypeVar("Answer")


class RedisState:
    """Implements `shared_state.port.SharedState`. Invariant: `_again_at` lies ahead for `AWAY_SECONDS` after each failure."""

    def __init__(self, url: str, prefix: str, clock: Clock, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._clock = clock
        self._pool: Any = pool_of(
            url,
            BlockingFollowingPool,
            max_connections=CONNECTIONS,
            timeout=answer_seconds,
            socket_timeout=answer_seconds,
            socket_connect_timeout=answer_seconds,
            retry=Retry(NoBackoff(), 1),  # a connection that Redis closed meanwhile is made anew
        )
        self._redis: Any = Redis(connection_pool=self._pool)
        self._windows = RedisStorage("async+redis://", implementation="redispy", key_prefix=f"{prefix}:{{shared}}:rate", connection_pool=self._pool)
        self._words = f"{prefix}:{{shared}}:words"
        self._first = f"{prefix}:{{shared}}:first"
        self._again_at = float("-inf")
        self.is_away = False

    async def hit(self, key: str, most: int, seconds: int, amount: int = 1) -> bool:
        return bool(await self._asked(lambda: self._windows.acquire_sliding_window_entry(key, most, seconds, amount)))

    async def counts(self, key: str, seconds: int) -> Counts:
        return Counts(*await self._asked(lambda: self._windows.get_sliding_window(key, seconds)))

    async def words(self) -> Mapping[str, bytes]:
        pipeline = self._redis.pipeline(transaction=False).hgetall(self._words).expire(self._words, WORDS_SECONDS)
        found, _ = await self._asked(lambda: cast("Awaitable[tuple[dict[bytes, bytes], bool]]", pipeline.execute()))
        return {name.decode(): value for name, value in found.items()}

    async def say(self, word: str, value: bytes) -> None:
        pipeline = self._redis.pipeline(transaction=True).hset(self._words, word, value).expire(self._words, WORDS_SECONDS)
        await self._asked(lambda: cast("Awaitable[object]", pipeline.execute()))

    async def first(self, name: str, value: bytes, seconds: int) -> bytes:
        key = f"{self._first}:{name}"
        pipeline = self._redis.pipeline(transaction=True).set(key, value, nx=True, ex=seconds).get(key)
        _, found = await self._asked(lambda: cast("Awaitable[tuple[object, bytes]]", pipeline.execute()))
        return found

    async def hold(self, name: str, seconds: int) -> None:
        await self._asked(lambda: cast("Awaitable[object]", self._redis.expire(f"{self._first}:{name}", seconds)))

    async def close(self) -> None:
        await self._pool.disconnect()

    async def _asked(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Raises `Unavailable`; that it went away, and that it is back, is logged once each."""
        if self._clock.monotonic() < self._again_at:
            raise Unavailable(AWAY, "redis")
        try:
            answer = await ask()
        except (RedisError, OSError, TimeoutError) as error:
            require_wanted()
            self._again_at = self._clock.monotonic() + AWAY_SECONDS
            if not self.is_away:
                log.error("redis.away", reason=reason(error))  # noqa: TRY400 - that is all of it
            self.is_away = True
            raise Unavailable(AWAY, "redis") from error
        if self.is_away:
            self.is_away = False
            log.info("redis.back")
        return answer
