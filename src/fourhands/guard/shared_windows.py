"""Where rates are counted for all instances together: in Redis, and here as well, so that nobody has a fresh window when Redis goes away.

While it is away each instance counts for itself: nobody is let through who is not counted somewhere.
"""

import hashlib

from limits.aio.storage import SlidingWindowCounterSupport

from fourhands.errors import Unavailable
from fourhands.guard.windows import BoundedWindows
from fourhands.model.clock import Clock
from fourhands.shared_state.port import SharedState

ANY_NUMBER = 1 << 40


class SharedWindows(BoundedWindows, SlidingWindowCounterSupport):
    """`BoundedWindows` that asks Redis first. `secret`: keys name people, addresses and accounts, and Redis sees none of them."""

    STORAGE_SCHEME = ["fourhands+shared"]  # noqa: RUF012 - as `limits` registers them

    def __init__(self, clock: Clock, most: int, shared: SharedState, secret: str) -> None:
        super().__init__(clock, most)
        self._shared = shared
        self._secret = hashlib.blake2b(secret.encode(), digest_size=32).digest()

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        try:
            taken = await self._shared.hit(self._sealed(key), limit, expiry, amount)
        except Unavailable:
            return await super().acquire_sliding_window_entry(key, limit, expiry, amount)
        if taken:
            await super().acquire_sliding_window_entry(key, ANY_NUMBER, expiry, amount)
        return taken

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        try:
            return await self._shared.counts(self._sealed(key), expiry)
        except Unavailable:
            return await super().get_sliding_window(key, expiry)

    def _sealed(self, key: str) -> str:
        """The rate's name, and of whom it counts a keyed digest of 128 bits (RFC 7693)."""
        name, _, of = key.partition("/")
        return f"{name}:{hashlib.blake2b(of.encode(), digest_size=16, key=self._secret).hexdigest()}"
