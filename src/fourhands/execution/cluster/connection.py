"""How Redis is reached by both ends: nothing is said twice by itself, and nobody waits for ever for an answer."""

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from fourhands.redis_client.pools import pool_of

AWAY = (RedisError, OSError, TimeoutError)
"""What a command raises when Redis is not there, or says no."""
ANSWER_SECONDS = 5.0
"""How long an answer may take; that of a read that waits, so much longer than it waits."""


def connect(url: str) -> "redis.asyncio.Redis":
    """Connections as they are needed. What was sent without an answer may have been done: whoever sent it decides, so nothing is tried again here."""
    pool = pool_of(url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=ANSWER_SECONDS, socket_timeout=2 * ANSWER_SECONDS)
    return redis.asyncio.Redis.from_pool(pool)
