"""The runner's end of the connection: starts what a server asks for, and tells it what the runs say.

One `Serving` a connection. When the connection ends, however it does, so do its runs.
"""

import asyncio
from collections.abc import Callable

from fourhands.errors import ProtocolViolation
from fourhands.execution.carried import COALESCE_SECONDS, Carried, carry
from fourhands.execution.link import Link, LogLevel, Ping, Pong, SetLogLevel, Start, State, ToRunner, join_job
from fourhands.execution.port import Backend, Job


class Serving:
    """The runs of one connection. `doubted` hears that the backend could not start one: it should be tested again; `turned` hears
    at which level the server wants it to log."""

    def __init__(
        self,
        backend: Backend,
        link: Link[ToRunner],
        *,
        coalesce_seconds: float = COALESCE_SECONDS,
        doubted: Callable[[], None] = lambda: None,
        turned: Callable[[LogLevel], None] = lambda _: None,
    ) -> None:
        self._doubted = doubted
        self._turned = turned
        self._backend = backend
        self._link = link
        self._coalesce_seconds = coalesce_seconds
        self._carried: dict[int, Carried] = {}
        self._last = 0

    def tell(self, state: State) -> None:
        """Say what the runner can do now."""
        self._link.send(state)

    def hang_up(self) -> None:
        """End the connection; `run` returns once the runs have ended."""
        self._link.close()

    async def run(self) -> None:
        """Serve until the other end closes. Raises `ProtocolViolation` if it says what makes no sense; every run is over then, too."""
        try:
            async for message, body in self._link.messages():
                self._take(message, body)
        finally:
            self._link.close()  # first: that we end the runs is not the runs' end, and is not told as that
            tasks = [task for carried in self._carried.values() for task in carried.abandon()]
            await asyncio.gather(*tasks, return_exceptions=True)

    def _take(self, message: ToRunner, body: bytes) -> None:
        match message:
            case Ping():
                self._link.send(Pong())
            case Start():
                self._start(message, body)
            case SetLogLevel():
                self._turned(message.level)
            case _:
                carried = self._carried.get(message.run)
                if carried is not None:  # else it has ended meanwhile
                    carried.take(message, body)

    def _start(self, message: Start, body: bytes) -> None:
        if message.run <= self._last:
            raise ProtocolViolation(f"The number {message.run} was used for a run before.")
        self._last = message.run
        job = join_job(message.job, body)
        carried = self._carried[message.run] = Carried(self._link, message.run, message.window, self._coalesce_seconds)
        carried.begin(self._carry(carried, job))

    async def _carry(self, carried: Carried, job: Job) -> None:
        try:
            await carry(carried, self._backend, job, doubted=self._doubted)
        finally:
            del self._carried[carried.number]
