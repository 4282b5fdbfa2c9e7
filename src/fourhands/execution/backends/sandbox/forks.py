"""Processes that wait to become sandboxes, each in control groups of its own: what takes long in a start is over before somebody clicks.

Any program takes one, whatever its language; it gives the group its limits then. `warm` has whole sandboxes wait, for one language.
"""

import asyncio
import itertools
from collections import deque

from fourhands.errors import Unavailable
from fourhands.execution.backends.sandbox.cgroups import Group, Groups
from fourhands.execution.backends.sandbox.zygote import Fork, Zygote

_numbers = itertools.count(1)


class ForkPool:
    """A few of them.

    Invariant: each in `_ready` is in a group that holds it alone, and was never anybody's; `_making` are on their way.
    """

    def __init__(self, groups: Groups, zygote: Zygote, *, size: int) -> None:
        self._groups = groups
        self._zygote = zygote
        self._size = size
        self._ready: deque[tuple[Group, Fork]] = deque()
        self._making: set[asyncio.Task[tuple[Group, Fork]]] = set()
        self._closed = False

    def __len__(self) -> int:
        """How many wait."""
        return len(self._ready)

    async def take(self) -> tuple[Group, Fork]:
        """One that waits, or else a new one, and its group; both are the caller's then. Raises `Unavailable`."""
        while self._ready:
            group, fork = self._ready.popleft()
            if not fork.ended:
                return group, fork
            fork.close()
            group.remove()
        task = self._begin()
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(self._keep)
            raise

    def fill(self) -> None:
        """Make what is missing."""
        while not self._closed and len(self._ready) + len(self._making) < self._size:
            self._begin().add_done_callback(self._keep)

    def close(self) -> None:
        """Make no more, and end those that wait; their groups go with the place where they were made."""
        self._closed = True
        while self._ready:
            self._ready.popleft()[1].close()

    def _begin(self) -> asyncio.Task[tuple[Group, Fork]]:
        task = asyncio.create_task(self._make(), name="a fork that waits")
        self._making.add(task)
        task.add_done_callback(self._making.discard)
        return task

    async def _make(self) -> tuple[Group, Fork]:
        try:
            group = self._groups.make(f"run-{next(_numbers)}")
        except OSError as error:
            raise Unavailable(f"A sandbox could not be made: {error}.", "sandbox") from error
        try:
            return group, await self._zygote.fork(group.joins)
        except BaseException:
            group.remove()
            raise

    def _keep(self, task: asyncio.Task[tuple[Group, Fork]]) -> None:
        """It waits, if it could be made; why not, whoever wants one hears."""
        if task.cancelled() or task.exception() is not None:
            return
        if self._closed:
            task.result()[1].close()
        else:
            self._ready.append(task.result())
