"""Where rates are counted in this process: a storage for `limits` with bounded memory and a clock that only goes forward.

Its own `MemoryStorage` looks through all its keys at every hit and keeps as many as come: a flood of addresses would cost
every request the time for all of them (docs/decisions/0015).
"""

from collections import OrderedDict
from math import floor
from typing import NamedTuple

from limits.aio.storage import SlidingWindowCounterSupport, Storage

from fourhands.model.clock import Clock


class Window(NamedTuple):
    """One key's counts. `number`: of the window that `current` counts; windows of a key stand side by side, each `expiry` seconds long."""

    number: int
    previous: int
    current: int


class BoundedWindows(Storage, SlidingWindowCounterSupport):
    """Sliding window counters (`limits`, "sliding window counter"): a hit counts fully in its window, and in the next one by the part that
    the last `expiry` seconds still reach of its own.

    `limits` wants every storage to have fixed windows, too (`incr`, `get`, `get_expiry`). Its sliding strategy never asks for them; they are
    refused here rather than kept, since nothing would ever forget them.

    Invariant: at most `most` keys; past it, the one that hit longest ago is forgotten, and may hit anew. One storage for each rate,
    so that a flood of one kind makes no room in another.
    """

    STORAGE_SCHEME = ["fourhands+memory"]  # noqa: RUF012 - as `limits` registers them

    def __init__(self, clock: Clock, most: int) -> None:
        super().__init__()
        self._clock = clock
        self._most = most
        self._windows: OrderedDict[str, Window] = OrderedDict()

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._windows)

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` if that keeps within `limit`; whether it did."""
        self._forget(expiry)
        window, previous_ttl, _ = self._look(key, expiry)
        if floor(window.previous * previous_ttl / expiry + window.current) + amount > limit:
            return False
        self._windows[key] = window._replace(current=window.current + amount)
        self._windows.move_to_end(key)
        if len(self._windows) > self._most:
            self._windows.popitem(last=False)
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Count of the window before, seconds until it counts no more; count of this one, seconds until it counts no more."""
        window, previous_ttl, current_ttl = self._look(key, expiry)
        return window.previous, previous_ttl if window.previous else 0.0, window.current, current_ttl

    def _look(self, key: str, expiry: int) -> tuple[Window, float, float]:
        number, into = divmod(self._clock.monotonic(), expiry)
        window = self._windows.get(key) or Window(int(number), 0, 0)
        passed = int(number) - window.number
        if passed:
            window = Window(int(number), window.current if passed == 1 else 0, 0)
        return window, expiry - into, 2 * expiry - into

    def _forget(self, expiry: int) -> None:
        """Those of which nothing counts any more; each hit adds one at most, and looks at two."""
        number = int(self._clock.monotonic() // expiry)
        for _ in range(2):
            key = next(iter(self._windows), None)
            if key is None or number - self._windows[key].number < 2:
                return
            del self._windows[key]

    async def clear_sliding_window(self, key: str, expiry: int) -> None:
        self._windows.pop(key, None)

    async def clear(self, key: str) -> None:
        self._windows.pop(key, None)

    async def reset(self) -> int | None:
        count = len(self._windows)
        self._windows.clear()
        return count

    async def check(self) -> bool:
        return True

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return ValueError

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        raise NotImplementedError("Rates are sliding windows here; fixed ones are not kept.")

    async def get(self, key: str) -> int:
        raise NotImplementedError("Rates are sliding windows here; fixed ones are not kept.")

    async def get_expiry(self, key: str) -> float:
        raise NotImplementedError("Rates are sliding windows here; fixed ones are not kept.")
