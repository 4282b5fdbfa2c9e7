"""Hashing beside the event loop: bounded, the same cost for known and unknown names, and gone with its caller."""

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from fourhands.access.passwords import Cost, Passwords
from fourhands.accounts.hashing import Hashing
from fourhands.errors import LimitExceeded

QUICK = Cost(memory_bytes=8192, passes=1)


class SlowPasswords(Passwords):
    """Each hash waits for `go`; `begun` counts those that have begun, `at_once` the most at a time."""

    def __init__(self) -> None:
        super().__init__(QUICK)
        self.go = threading.Event()
        self.begun = self.at_once = self._running = 0
        self._lock = threading.Lock()

    def hash(self, password: str) -> str:
        with self._lock:
            self.begun += 1
            self._running += 1
            self.at_once = max(self.at_once, self._running)
        assert self.go.wait(20)
        with self._lock:
            self._running -= 1
        return super().hash(password)


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


async def test_it_hashes_and_compares() -> None:
    hashing = Hashing(Passwords(QUICK))
    hashed = await hashing.hash("correct horse")
    assert (await hashing.matches(hashed, "correct horse"), await hashing.matches(hashed, "other")) == (True, False)
    assert not hashing.is_outdated(hashed)
    hashing.close()


async def test_without_a_hash_the_same_is_done() -> None:
    passwords = SlowPasswords()
    passwords.go.set()
    hashing = Hashing(passwords)
    assert not await hashing.matches(None, "any")
    assert (passwords.begun, hashing.count) == (1, 1)
    hashing.close()


async def test_a_flood_takes_no_more_than_its_share() -> None:
    passwords = SlowPasswords()
    hashing = Hashing(passwords, at_once=2, waiting=3)
    under_way = [asyncio.create_task(hashing.hash(str(number))) for number in range(5)]
    await until(lambda: passwords.begun == 2)
    for _ in range(50):
        with pytest.raises(LimitExceeded) as refused:
            await hashing.hash("one too many")
        assert refused.value.retry_after_seconds > 0
    passwords.go.set()
    assert len(await asyncio.gather(*under_way)) == 5
    assert (passwords.at_once, passwords.begun) == (2, 5)
    await until(lambda: not hashing.is_full())
    await hashing.hash("there is room again")
    hashing.close()


async def test_a_clients_flood_refuses_that_client_alone() -> None:
    passwords = SlowPasswords()
    hashing = Hashing(passwords, at_once=2, waiting=6, each=3)
    flood = [asyncio.create_task(hashing.hash(str(number), "192.0.2.1")) for number in range(3)]
    await until(lambda: passwords.begun == 2)
    for _ in range(50):
        with pytest.raises(LimitExceeded, match="your address") as refused:
            await hashing.matches(None, "one too many", "192.0.2.1")
        assert refused.value.retry_after_seconds > 0
    others = [asyncio.create_task(hashing.matches(None, "somebody else's", f"192.0.2.{number}")) for number in (2, 3)]
    gone = flood.pop()
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await until(lambda: not hashing.has_its_share("192.0.2.1"))
    flood.append(asyncio.create_task(hashing.hash("in its place", "192.0.2.1")))
    passwords.go.set()
    await asyncio.gather(*flood)
    assert await asyncio.gather(*others) == [False, False]
    await until(lambda: not hashing.has_its_share("192.0.2.1"))
    assert await hashing.hash("there is room again", "192.0.2.1")
    hashing.close()


async def test_who_has_gone_takes_no_turn() -> None:
    passwords = SlowPasswords()
    hashing = Hashing(passwords, at_once=1, waiting=1)
    first, second = (asyncio.create_task(hashing.hash(str(number))) for number in range(2))
    await until(lambda: passwords.begun == 1 and hashing.is_full())
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    await until(lambda: not hashing.is_full())
    third = asyncio.create_task(hashing.hash("third"))
    passwords.go.set()
    await asyncio.gather(first, third)
    assert passwords.begun == 2
    hashing.close()
