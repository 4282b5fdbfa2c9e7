"""What glibc's malloc keeps of what was freed: it goes back to the system, so that a room's end or a large paste shows.

Called by `registry.py`. Does nothing where the C library is another one.

Source: glibc `malloc/malloc.c`, mallopt(3), malloc_trim(3).
"""

import asyncio
import ctypes
import mmap
from collections.abc import Callable
from pathlib import Path

LARGE_BYTES = 128 * 1024
"""What is as large is mapped, and unmapped when it is freed. glibc begins with that, and raises it to 32 MB by what it sees
freed: then messages and documents of a megabyte lie between what stays, and break memory up."""

GROWN_BYTES = 4 * 1024 * 1024
GROWN_PARTS = 32
"""How much more must be resident than after the last time for another one: this, or this part of it if that is more."""

REST_SECONDS = 2.0
"""Between two times: each takes a millisecond for every few megabytes, and whoever allocates then may wait for it."""

_MMAP_THRESHOLD = -3  # malloc.h


def mapped() -> Callable[[], object] | None:
    """Have large blocks mapped from now on; what gives free memory back, None where nothing can."""
    try:
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, LARGE_BYTES)
        trim = library.malloc_trim
    except (OSError, AttributeError):
        return None
    return lambda: trim(0)


def resident_bytes() -> int:
    """What this process has in memory; 0 where no /proc says it."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * mmap.PAGESIZE
    except OSError:
        return 0


class Memory:
    """Gives back what is free, now and then, in a thread."""

    def __init__(self, trim: Callable[[], object] | None, *, resident: Callable[[], int] = resident_bytes) -> None:
        self._trim = trim
        self._resident = resident
        self._left = resident()
        self._freed = False
        self._rested = 0.0

    async def give_back(self, now: float, *, freed: bool = False) -> None:
        """Give back what is free if much more is resident than after the last time, or (`freed`) something large went; `now`: monotonic seconds."""
        self._freed = self._freed or freed
        if self._trim is None or now < self._rested:
            return
        if self._freed or self._resident() >= self._left + max(GROWN_BYTES, self._left // GROWN_PARTS):
            self._freed = False
            await asyncio.to_thread(self._trim)
            self._left = self._resident()
            self._rested = now + REST_SECONDS
