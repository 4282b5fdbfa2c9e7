"""uvicorn with our way to start and to stop: in time, whatever clients, the database or a request under way do.

starting ──> takes requests ──signal──> says that it stops, for `delay_seconds` ──> drains: nobody new, what came is saved
                                          │                                            └──> sends everybody away ──> ended, code 0
                                          └──── another signal, or `delay_seconds` and `stop_seconds` after the first ────> ended at once
"""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Generator
from types import FrameType
from typing import NoReturn

import structlog
import uvicorn

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.server")

STOPS = (signal.SIGINT, signal.SIGTERM)
LATEST = 0.95
"""Part of `stop_seconds` after which nothing is waited for any more."""
KEEPALIVE = {"TCP_KEEPIDLE": 20, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 4}
"""A peer that is gone without a word, in the middle of a request, is noticed after 40 seconds."""


class Server(uvicorn.Server):
    """Runs in the main thread, until a signal.

    `started` is called once requests are taken, `stopping` with the first signal. `drain` is awaited between the last connection that is accepted and the
    moment in which those that are there are closed; it must bound itself.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        stop_seconds: float,
        started: Callable[[], None],
        drain: Callable[[], Awaitable[None]],
        stopping: Callable[[], None] = lambda: None,
        delay_seconds: float = 0,
    ) -> None:
        super().__init__(config)
        self._on_stopping = stopping
        self._delay_seconds = delay_seconds
        self._stops = False
        self._delay: threading.Timer | None = None
        self._stop_seconds = stop_seconds
        self._on_started = started
        self._drain = drain
        self._deadline: threading.Timer | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await self._drain()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal stops the server, a second one ends it."""
        if self._stops:
            os._exit(128 + sig)
        self._stops = True
        self._on_stopping()
        if self._delay_seconds:
            self._delay = self._later(self._delay_seconds, self._exit)
        else:
            self._exit()
        # a thread, not the loop's timer: the loop may be what is stuck
        self._deadline = self._later(self._delay_seconds + self._stop_seconds * LATEST, self._end)

    def _exit(self) -> None:
        self.should_exit = True

    def _later(self, seconds: float, what: Callable[[], object]) -> threading.Timer:
        timer = threading.Timer(seconds, what)
        timer.daemon = True
        timer.start()
        return timer

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """uvicorn's raises the signal once more in the end, so that the process would seem to have been killed."""
        before = {number: signal.signal(number, self.handle_exit) for number in STOPS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        super().run(sockets)
        if self._deadline is not None:
            self._deadline.cancel()

    def _end(self) -> NoReturn:
        """Like a power cut, which the database survives; what was said to be saved is saved."""
        log.error("stop.out_of_time", seconds=self._stop_seconds, reason="Something did not end. What was said to be saved is saved; pages hold the rest.")
        os._exit(0)


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A listening socket's address, bound before anything else starts. `shared`: other processes of ours listen there, too, and the kernel deals
    connections out between them (SO_REUSEPORT, socket(7)). Raises `OSError` if it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # all it accepts have it too, where nothing else asks whether they live
    for option, value in KEEPALIVE.items():
        if hasattr(socket, option):
            listening.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening
