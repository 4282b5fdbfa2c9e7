"""How much of what comes is given to pycrdt at once: halved when that took long, doubled when it did not.

Called by `document.py`. yrs looks for the place of each struct, past all others that were told to stand there: a struct may take a
microsecond or some milliseconds, and nobody can tell before.
"""

import time
from collections.abc import Generator
from contextlib import contextmanager

FIRST_STRUCTS, MOST_STRUCTS, MOST_KEYSTROKES = 256, 2048, 64
LONG_SECONDS, SHORT_SECONDS = 0.005, 0.002


class Portion:
    """One document's. `structs`: how many at once; `keystrokes`: how many of those that come alone, in one transaction, which
    grows slow with very many."""

    __slots__ = ("keystrokes", "structs")

    def __init__(self) -> None:
        self.structs = FIRST_STRUCTS
        self.keystrokes = MOST_KEYSTROKES

    @property
    def is_slow(self) -> bool:
        """Whether single keystrokes take long."""
        return self.keystrokes < MOST_KEYSTROKES

    @contextmanager
    def measured(self, structs: int = 0) -> Generator["Measured"]:
        """So many structs are taken inside, or as many as is said there."""
        measured = Measured(structs)
        began = time.thread_time()
        yield measured
        self.took(measured.structs, time.thread_time() - began)

    def took(self, structs: int, seconds: float) -> None:
        """So many structs took so long."""
        if seconds > LONG_SECONDS and structs:
            self.structs = max(1, min(self.structs, structs) // 2)
        elif seconds < SHORT_SECONDS and 2 * structs > self.structs:
            self.structs = min(MOST_STRUCTS, self.structs * 2)
        self.keystrokes = min(MOST_KEYSTROKES, self.structs)


class Measured:
    """What was taken."""

    __slots__ = ("structs",)

    def __init__(self, structs: int) -> None:
        self.structs = structs
