"""Work that is done some of it at a time: a generator that yields where others may go on, every half a millisecond or so."""

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")
Steps = Generator[None, None, T]

EVERY = 256
"""Structs or ranges after which a step ends."""

EVERY_BYTES = 1 << 14
"""Bytes of structs after which it ends as well: a struct may hold thousands of letters or values."""


class TakesSteps(Exception):
    """This would take longer than one message may; nothing was changed. Do it in steps."""


def finish(steps: Steps[T], most: int | None = None) -> T:
    """All steps at once. Raises `TakesSteps` if they are more than `most`, and what they raise."""
    done = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
        done += 1
        if done == most:
            steps.close()
            raise TakesSteps
