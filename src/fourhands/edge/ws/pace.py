"""How fast a connection may send: messages and bytes, each from a bucket that fills at a steady rate."""

from fourhands.errors import LimitExceeded
from fourhands.model.limits import Limits

MESSAGE_BURST_SECONDS = 5
BYTE_BURST_SECONDS = 10


class Pace:
    """Two token buckets. A first sync and a large paste fit into what they hold when full.

    Invariant: both stand at most at what the burst's seconds fill.
    """

    __slots__ = ("_bytes", "_limits", "_messages", "_then")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._messages = limits.messages_per_second * MESSAGE_BURST_SECONDS
        self._bytes = self._full_bytes()
        self._then = 0.0

    def take(self, size_bytes: int, now: float) -> None:
        """Count a message at `now` (seconds that only go forward). Raises `LimitExceeded`: the connection is closed with 4529."""
        limits = self._limits
        if not limits.rates:
            return
        passed, self._then = now - self._then, now
        self._messages = min(limits.messages_per_second * MESSAGE_BURST_SECONDS, self._messages + passed * limits.messages_per_second) - 1
        self._bytes = min(self._full_bytes(), self._bytes + passed * limits.bytes_per_second) - size_bytes
        if self._messages < 0 or self._bytes < 0:
            raise LimitExceeded("You send more than this server takes; connect again in a moment.", 1.0)

    def _full_bytes(self) -> float:
        return max(self._limits.bytes_per_second * BYTE_BURST_SECONDS, 2 * self._limits.message_bytes)
