"""How Redis is reached by both ends: nothing is said twice by itself, and nobody waits for ever for an answer."""

import asyncio
from typing import Any

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

AWAY = (RedisError, OSError, TimeoutError)
"""What a command raises when Redis is not there, or says no."""
ANSWER_SECONDS = 5.0
"""How long an answer may take; that of a read that waits, so much longer than it waits."""


def connect(url: str) -> "redis.asyncio.Redis":
    """Connections as they are needed. What was sent without an answer may have been done: whoever sent it decides, so nothing is tried again here."""
    options: dict[str, Any] = {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": ANSWER_SECONDS, "socket_timeout": 2 * ANSWER_SECONDS}
    return redis.asyncio.Redis.from_url(url, **options)  # pyright: ignore[reportUnknownMemberType]


def reason(error: BaseException) -> str:
    """What happened, in a few words and without an address or a password."""
    return type(error).__name__ if isinstance(error, TimeoutError) else f"{type(error).__name__}: {str(error).split(chr(10))[0][:120]}".rstrip(": ")


def require_wanted() -> None:
    """Raises `CancelledError` in a task that was told to end: at times Redis's client answers with something else when it is."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
