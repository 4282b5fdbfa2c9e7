"""How often somebody may do what the whole server bears: sliding windows by member, account or address.

Edges and actions ask; what counts inside a room (messages, chat, runs) is counted there (`room/pace.py`, `execution/admission.py`).
"""

import asyncio
import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from fourhands.errors import Forbidden, LimitExceeded, Unauthenticated
from fourhands.guard.shared_windows import SharedWindows
from fourhands.guard.windows import BoundedWindows
from fourhands.model.clock import Clock
from fourhands.model.limits import Limits
from fourhands.model.rate import Rate, Standing
from fourhands.shared_state.port import SharedState

MINUTE, QUARTER = 60, 900
GUESSES_WAITING = 200
"""Checks of one secret from one address that wait for the one before."""


def rates_of(limits: Limits) -> tuple[Rate, ...]:
    """All rates by the settings; what they are about goes into the sentence of a refusal."""
    return (
        Rate("api", limits.api_requests_per_15_minutes, QUARTER, "requests"),
        Rate("join", limits.joins_per_15_minutes, QUARTER, "joins"),
        Rate("look", limits.joins_per_15_minutes, QUARTER, "requests"),
        Rate("rooms", limits.rooms_per_15_minutes, QUARTER, "new rooms"),
        Rate("rooms_by_address", limits.rooms_by_address_per_15_minutes, QUARTER, "new rooms of one address"),
        Rate("login", limits.logins_per_minute, MINUTE, "attempts to log in"),
        Rate("wrong_login", limits.wrong_logins_per_15_minutes, QUARTER, "failed logins"),
        Rate("register", limits.registrations_per_15_minutes, QUARTER, "attempts to register"),
        Rate("password", limits.password_guesses_per_15_minutes, QUARTER, "wrong passwords"),
    )


class Rates:
    """One storage and one strategy of `limits` for each rate. `on`: whether any is kept (`FOURHANDS_RATE_LIMITS`); `shared`: where they are counted for
    all instances, if anywhere, by what sealed with `secret`."""

    def __init__(self, rates: tuple[Rate, ...], clock: Clock, *, keys: int, on: bool = True, shared: SharedState | None = None, secret: str = "") -> None:
        def windows() -> BoundedWindows:
            return BoundedWindows(clock, keys) if shared is None else SharedWindows(clock, keys, shared, secret)

        self._on = on
        self._counted = {rate.name: _Counted(rate, windows()) for rate in rates}
        self._guessing: dict[str, _Turn] = {}

    @classmethod
    def by(cls, limits: Limits, clock: Clock, shared: SharedState | None = None, secret: str = "") -> "Rates":
        """As the settings say."""
        return cls(rates_of(limits), clock, keys=limits.rate_keys, on=limits.rates, shared=shared, secret=secret)

    async def require(self, name: str, key: str) -> Standing | None:
        """Count one for `key`, and say how it stands now; None where rates are off. Raises `LimitExceeded`, and counts nothing then."""
        if not self._on:
            return None
        counted = self._counted[name]
        if not await counted.limiter.hit(counted.item, key):
            raise await counted.refusal(key)
        return await counted.standing(key)

    @asynccontextmanager
    async def guessing(self, name: str, key: str) -> AsyncGenerator[None]:
        """Around the check of a secret: one at a time for `key`, and counted only if it was wrong (the block raises `Forbidden` or
        `Unauthenticated`), so that those who know it refuse nobody. Raises `LimitExceeded` before the check."""
        turn = self._guessing.setdefault(f"{name} {key}", _Turn())
        if turn.wanted >= GUESSES_WAITING:
            raise LimitExceeded("Many try this at once. Wait a moment.", 1)
        turn.wanted += 1
        try:
            async with turn.lock:
                counted = self._counted[name]
                if self._on and not await counted.limiter.test(counted.item, key):
                    raise await counted.refusal(key)
                try:
                    yield
                except (Forbidden, Unauthenticated):
                    if self._on:
                        await counted.limiter.hit(counted.item, key)
                    raise
        finally:
            turn.wanted -= 1
            if not turn.wanted:
                del self._guessing[f"{name} {key}"]


class _Turn:
    """Who checks a secret now, and how many want to."""

    __slots__ = ("lock", "wanted")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.wanted = 0


class _Counted:
    """A rate with what counts it."""

    def __init__(self, rate: Rate, storage: BoundedWindows) -> None:
        self.rate = rate
        self.storage = storage
        self.item: RateLimitItem = RateLimitItemPerSecond(rate.most, rate.seconds, namespace=rate.name)
        self.limiter = SlidingWindowCounterRateLimiter(storage)

    async def standing(self, key: str) -> Standing:
        previous, previous_ttl, current, current_ttl = await self.storage.get_sliding_window(self.item.key_for(key), self.rate.seconds)
        remaining = self.rate.most - math.floor(previous * previous_ttl / self.rate.seconds + current)
        window_ends = current_ttl - self.rate.seconds
        if remaining > 0:
            return Standing(self.rate, remaining, window_ends)
        if current >= self.rate.most:  # none before it ends and counts a little less
            return Standing(self.rate, 0, window_ends)
        return Standing(self.rate, 0, previous_ttl - (self.rate.most - current) * self.rate.seconds / previous)

    async def refusal(self, key: str) -> LimitExceeded:
        standing = await self.standing(key)
        wait = math.floor(standing.reset_seconds) + 1
        window = "a minute" if self.rate.seconds == MINUTE else f"{self.rate.seconds // 60} minutes"
        return LimitExceeded(f"{self.rate.most} {self.rate.what} in {window} are the limit. Wait {_told(wait)}.", wait, standing)


def _told(seconds: int) -> str:
    if seconds < 2 * MINUTE:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    return f"{math.ceil(seconds / MINUTE)} minutes"
