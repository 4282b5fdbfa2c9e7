"""What malloc keeps goes back: when much was added, or a room went, and no more often than every few seconds."""

import platform
import subprocess
import sys

import pytest

from fourhands.room.memory import GROWN_BYTES, GROWN_PARTS, REST_SECONDS, Memory

MiB = 1024 * 1024

LETS_GO = """
from fourhands.room.memory import mapped, resident_bytes
trim = mapped()
assert trim is not None
bytearray(1_000_000)  # by which glibc learns to map nothing smaller
large, kept = zip(*((bytearray(300_000), bytearray(50_000)) for _ in range(100)))
held = resident_bytes()
del large
print(held - resident_bytes())
small = [bytes(1000) for _ in range(40_000)]
wall = [bytes(1000) for _ in range(40_000)]
stay = bytes(1000)
del small, wall
held = resident_bytes()
trim()
print(held - resident_bytes())
"""


class Trims:
    """Counts them; what is resident is as told."""

    def __init__(self, resident: int) -> None:
        self.resident = resident
        self.count = 0
        self.memory = Memory(self._trim, resident=lambda: self.resident)

    def _trim(self) -> None:
        self.count += 1


@pytest.mark.parametrize("start", [GROWN_BYTES, GROWN_BYTES * GROWN_PARTS * 4])
async def test_memory_is_given_back_when_much_was_added_since_the_last_time(start: int) -> None:
    trims = Trims(start)
    enough = max(GROWN_BYTES, start // GROWN_PARTS)
    trims.resident += enough - 1
    await trims.memory.give_back(10)
    assert trims.count == 0
    trims.resident += 1
    await trims.memory.give_back(11)
    assert trims.count == 1
    await trims.memory.give_back(100)
    assert trims.count == 1


async def test_memory_is_given_back_after_something_large_went_and_never_without_a_rest() -> None:
    trims = Trims(GROWN_BYTES)
    await trims.memory.give_back(10, freed=True)
    assert trims.count == 1
    await trims.memory.give_back(10 + REST_SECONDS - 0.1, freed=True)
    assert trims.count == 1
    await trims.memory.give_back(10 + REST_SECONDS)
    assert trims.count == 2


async def test_nothing_is_done_where_malloc_is_another_one() -> None:
    memory = Memory(None, resident=lambda: 0)
    await memory.give_back(10, freed=True)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="is for glibc")
def test_the_system_gets_it() -> None:
    unmapped, trimmed = subprocess.run([sys.executable, "-c", LETS_GO], capture_output=True, text=True, check=True).stdout.split()
    assert int(trimmed) > 20 * MiB
    assert int(unmapped) > 20 * MiB
