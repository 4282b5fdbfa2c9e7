"""What a connection is owed: gathered in a tick, written once, bounded.

open ──put──> frames of this tick ──end of tick──> one write to the transport
  │                                                   │ more than `most_bytes` wait there: closed with 4508
  └──close──> what is owed, a close frame, then the transport is closed
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from fourhands.protocol.close import CloseCode, fit_reason
from fourhands.protocol.websocket import close_frame

CLOSE_SECONDS = 3.0
"""How long the other side may take to answer a close frame before the connection is cut."""


class Wire(Protocol):
    """What of an asyncio transport is used."""

    def write(self, data: bytes) -> None: ...
    def get_write_buffer_size(self) -> int: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...


class ConnectionOutbox:
    """One connection's way out (`room.peer.Outbox`).

    Invariant: frames reach the wire in the order in which they were put; none is skipped while the connection lives.
    """

    __slots__ = ("_allowance", "_closing", "_frames", "_loop", "_most_bytes", "_on_slow", "_owed", "_scheduled", "_wire")

    def __init__(self, wire: Wire, most_bytes: int, loop: asyncio.AbstractEventLoop, on_slow: Callable[[], None]) -> None:
        self._wire = wire
        self._most_bytes = most_bytes
        self._loop = loop
        self._on_slow = on_slow
        self._frames: list[bytes] = []
        self._owed = 0  # bytes of those
        self._allowance = 0  # bytes of a large answer that is still on its way: they do not count as slowness
        self._scheduled = False
        self._closing = False

    @property
    def closing(self) -> bool:
        return self._closing

    def put(self, frame: bytes) -> None:
        """Owe the connection this frame; it is written at the end of the tick."""
        if self._closing:
            return
        self._frames.append(frame)
        self._owed += len(frame)
        if self._owed > self._most_bytes:
            self._flush()
        elif not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._flush)

    def put_answer(self, frame: bytes) -> None:
        """Owe the whole document, which may be larger than the limit. A second one counts while the first is on its way."""
        if self._allowance == 0:
            self._allowance = len(frame)
        self.put(frame)

    def close(self, code: CloseCode, reason: str) -> None:
        """Write what is owed and a close frame; the wire is cut if the other side does not answer."""
        if self._closing:
            return
        self._flush()
        if self._closing:
            return
        self._closing = True
        self._wire.write(close_frame(code, fit_reason(reason)))
        self._loop.call_later(CLOSE_SECONDS, self._wire.abort)

    def answer_close(self, frame: bytes) -> None:
        """The other side closes: give its frame back and end."""
        if not self._closing:
            self._closing = True
            self._wire.write(frame)
        self._wire.close()

    def _flush(self) -> None:
        self._scheduled = False
        frames, self._frames, self._owed = self._frames, [], 0
        if self._closing or not frames:
            return
        self._wire.write(frames[0] if len(frames) == 1 else b"".join(frames))
        unsent = self._wire.get_write_buffer_size()
        if unsent == 0:
            self._allowance = 0
        elif unsent > self._most_bytes + self._allowance:
            self._closing = True
            self._on_slow()
            self._wire.write(close_frame(CloseCode.TOO_SLOW, b"You read too slowly; connect again to catch up."))
            self._loop.call_later(CLOSE_SECONDS, self._wire.abort)
