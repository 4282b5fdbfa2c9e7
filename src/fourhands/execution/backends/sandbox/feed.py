"""Writes into a program that takes what it gets when it likes: standard input, a terminal's keys, what a waiting sandbox is told."""

import asyncio
import os
from collections.abc import Callable


class Feed:
    """One descriptor's writer. The descriptor is the caller's; `closing` is called when all was taken after `finish`.

    Invariant: what was accepted is written in order; nothing is written after `stop`.
    """

    def __init__(self, descriptor: int, limit_bytes: int, closing: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._left = limit_bytes
        self._closing = closing
        self._waiting = bytearray()
        self._finished = False
        self._watching = False
        self._drained = asyncio.Event()
        self._drained.set()

    def accept(self, data: bytes) -> int:
        """Queue what is within the limit; how much that was. The rest is dropped."""
        if self._finished:
            return 0
        taken = data[: self._left]
        self._left -= len(taken)
        if taken:
            self._waiting += taken
            self._drained.clear()
            self._write()
        return len(taken)

    async def write(self, data: bytes) -> int:
        """The same, and wait until the program's side has taken it."""
        taken = self.accept(data)
        await self._drained.wait()
        return taken

    def finish(self) -> None:
        """Nothing more comes; close once everything was taken."""
        if not self._finished:
            self._finished = True
            if not self._waiting:
                self._closing()

    def stop(self) -> None:
        """The program is gone, or takes no more."""
        was_finished, self._finished = self._finished, True
        had_waiting = bool(self._waiting)
        self._waiting.clear()
        self._unwatch()
        self._drained.set()
        if not was_finished or had_waiting:
            self._closing()

    def _write(self) -> None:
        try:
            while self._waiting:
                written = os.write(self._descriptor, self._waiting)
                del self._waiting[:written]
        except BlockingIOError:
            if not self._watching:
                self._watching = True
                asyncio.get_running_loop().add_writer(self._descriptor, self._write)
            return
        except OSError:  # nobody reads it any more
            self.stop()
            return
        self._unwatch()
        self._drained.set()
        if self._finished:
            self._closing()

    def _unwatch(self) -> None:
        if self._watching:
            self._watching = False
            asyncio.get_running_loop().remove_writer(self._descriptor)
