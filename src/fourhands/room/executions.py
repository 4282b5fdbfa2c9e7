"""Counts the runs that ended, of all rooms, into the store's table. Rooms put, `run` writes a few at a time, behind everything else."""

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from fourhands.errors import Unavailable
from fourhands.model.execution import Execution
from fourhands.protocol.runs import Run
from fourhands.store.port import Store

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.executions")

GATHER_SECONDS = 1.0
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 1.0, 60.0
MOST_WAITING = 10_000
"""While the store is away the oldest past it are not counted: they are figures, and memory is for what people write."""


def uncounted(execution: Execution) -> None:
    """Who does not count."""
    del execution


def execution_of(run: Run, room_id: str | None) -> Execution:
    """What is counted of a run; without a room nothing says whose it was."""
    member = None if room_id is None else run.member
    return Execution(run.id, room_id, member, run.language, run.where, run.status, run.ms or 0, run.cpu_ms, run.memory_bytes, run.at)


class Executions:
    """Those that wait to be written. Invariant: what was written is not there any more."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.heard: Callable[[Execution], None] = uncounted  # hears of each as it ends, whatever becomes of its row
        self._waiting: deque[Execution] = deque(maxlen=MOST_WAITING)
        self._more = asyncio.Event()

    def put(self, execution: Execution) -> None:
        self._waiting.append(execution)
        self._more.set()
        self.heard(execution)

    async def write(self) -> None:
        """Write what waits. Raises `Unavailable`; it then waits on."""
        taken = list(self._waiting)
        if taken:
            await self._store.add_executions(taken)
            for _ in range(min(len(taken), len(self._waiting))):
                self._waiting.popleft()

    async def run(self) -> None:
        """Write for ever."""
        back_off = 0.0
        while True:
            await self._more.wait()
            self._more.clear()
            await asyncio.sleep(back_off or GATHER_SECONDS)
            try:
                await self.write()
                back_off = 0.0
            except Unavailable as error:
                back_off = min(LAST_RETRY_SECONDS, max(FIRST_RETRY_SECONDS, back_off * 2))
                self._more.set()
                log.warning("executions.unavailable", reason=str(error), waiting=len(self._waiting))
