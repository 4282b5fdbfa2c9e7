"""What other instances have said and not yet committed, in one room: whoever has seen an edit keeps it until then, and journals it itself if need be."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple


class Kept(NamedTuple):
    """An edit of another instance. `since`: when it came, by a monotonic clock, in seconds."""

    ticket: int
    author: str
    at_ms: int
    update: bytes
    since: float


class Outstanding:
    """By origin, in the order of coming.

    Invariant: `size_bytes` is that of all updates together. An origin's tickets rise.
    """

    __slots__ = ("_kept", "size_bytes")

    def __init__(self) -> None:
        self._kept: dict[str, deque[Kept]] = {}
        self.size_bytes = 0

    def __bool__(self) -> bool:
        return bool(self._kept)

    def keep(self, origin: str, kept: Kept) -> None:
        """Until that instance says that it is durable."""
        self._kept.setdefault(origin, deque()).append(kept)
        self.size_bytes += len(kept.update)

    def durable(self, origin: str, ticket: int) -> None:
        """All that it said up to that ticket is committed."""
        if (kept := self._kept.get(origin)) is None:
            return
        while kept and kept[0].ticket <= ticket:
            self.size_bytes -= len(kept.popleft().update)
        if not kept:
            del self._kept[origin]

    def take(self, *, before: float | None = None, origin: str | None = None) -> Iterator[Kept]:
        """Those to be journaled here, which are kept no longer: what came before that time, what is of that origin, or all."""
        for name in [origin] if origin is not None else list(self._kept):
            kept = self._kept.get(name)
            while kept and (before is None or kept[0].since <= before):
                self.size_bytes -= len(kept[0].update)
                yield kept.popleft()
            if kept is not None and not kept:
                del self._kept[name]
