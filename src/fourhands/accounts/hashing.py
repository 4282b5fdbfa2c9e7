"""Passwords are hashed and compared here, in a few threads of their own: never on the event loop, and never more at once than the
memory for them. Past what may wait, callers are sent away; so a flood of logins takes neither the server's memory nor its time. One client
has a few of the places alone, so that its flood refuses nobody else.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from fourhands.access.passwords import Passwords
from fourhands.errors import LimitExceeded

Result = TypeVar("Result")
RETRY_SECONDS = 2.0


class Hashing:
    """`at_once`: threads, each with the memory of one hash. `waiting`: how many may wait for them. `each`: how many of both one client may have.

    `client`, everywhere: as `client_of` says it; all whose address is not known, "", are one.
    """

    def __init__(self, passwords: Passwords, *, at_once: int = 2, waiting: int = 32, each: int = 8) -> None:
        self._passwords = passwords
        self._threads = ThreadPoolExecutor(at_once, "password")
        self._most = at_once + waiting
        self._each = each
        self._under_way = 0
        self._clients = Counter[str]()
        self.count = 0
        """How many were hashed or compared, each of which costs the same."""

    async def hash(self, password: str, client: str = "") -> str:
        """Raises `LimitExceeded` if too many wait, or the client has too many."""
        return await self._do(lambda: self._passwords.hash(password), client)

    async def matches(self, hashed: str | None, password: str, client: str = "") -> bool:
        """Whether it is that password. Without a hash it is not, which takes as long to say. Raises `LimitExceeded`."""

        def compare() -> bool:
            if hashed is None:
                self._passwords.hash(password)
                return False
            return self._passwords.matches(hashed, password)

        return await self._do(compare, client)

    def is_outdated(self, hashed: str) -> bool:
        """Whether it was made with another cost; quick."""
        return self._passwords.is_outdated(hashed)

    def is_full(self) -> bool:
        """Whether nobody else may wait at this moment."""
        return self._under_way >= self._most

    def has_its_share(self, client: str) -> bool:
        """Whether that client's next one would be refused, whoever else waits."""
        return self._clients[client] >= self._each

    def close(self) -> None:
        """Let what has begun end; the rest never begins."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _do(self, work: Callable[[], Result], client: str) -> Result:
        if self.has_its_share(client):
            raise LimitExceeded("Too many passwords come from your address at this moment. Try again in a few seconds.", RETRY_SECONDS)
        if self.is_full():
            raise LimitExceeded("Too many people are giving passwords at this moment. Try again in a few seconds.", RETRY_SECONDS)
        self._under_way += 1
        self._clients[client] += 1
        self.count += 1
        loop = asyncio.get_running_loop()
        job = self._threads.submit(work)
        job.add_done_callback(lambda _: self._ended(loop, client))
        return await asyncio.wrap_future(job)  # one whose caller is gone never begins

    def _ended(self, loop: asyncio.AbstractEventLoop, client: str) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._leave, client)

    def _leave(self, client: str) -> None:
        self._under_way -= 1
        self._clients[client] -= 1
        if not self._clients[client]:
            del self._clients[client]
