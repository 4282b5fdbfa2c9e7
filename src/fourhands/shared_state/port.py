"""What is asked of whatever keeps the instances' common state; `redis.py` does it. It holds nothing for ever, and nothing that the database has to have."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Counts(NamedTuple):
    """One key's sliding window counter: how many there were in the window before and are in this one, and in how many seconds each counts no more
    (0 where there were none)."""

    previous: int
    previous_ttl: float
    current: int
    current_ttl: float


class SharedState(Protocol):
    """Every call raises `Unavailable` while it is away: at once, where it was away a moment ago."""

    async def hit(self, key: str, most: int, seconds: int, amount: int = 1) -> bool:
        """Count `amount` for that key in a sliding window of `seconds`, if that keeps within `most`; whether it did. Atomic for all instances."""
        ...

    async def counts(self, key: str, seconds: int) -> Counts:
        """How that key stands."""
        ...

    async def words(self) -> Mapping[str, bytes]:
        """All that is said to every instance at the moment, by name. To ask keeps it; an hour after nobody does, it is forgotten."""
        ...

    async def say(self, word: str, value: bytes) -> None:
        """Say that to all instances from now on."""
        ...

    async def first(self, name: str, value: bytes, seconds: int) -> bytes:
        """What was said first under that name, and is still held; ours, for so long, if nothing is."""
        ...

    async def hold(self, name: str, seconds: int) -> None:
        """Let that hold for so long from now on."""
        ...

    async def close(self) -> None: ...
