"""What a connection is owed: written at once, bounded.

open ──put──> the transport, which sends at once what it can
  │                │ and tells when much waits there: watched ──> more than `most_bytes`: closed with 4508
  └──close──> a close frame, then the transport is cut if it is not answered
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import structlog

from fourhands.edge.abort import Abortable, abort
from fourhands.protocol.close import CloseCode, fit_reason
from fourhands.room.peer import Put

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.ws")

CLOSE_SECONDS = 3.0
"""How long the other side may take to answer a close frame before the connection is cut."""


WATCHED_BYTES = 64 * 1024
"""When so much waits in the transport, it is looked at with each frame how much."""


def _drop(frame: bytes) -> None:
    """The connection is closed."""
    del frame


SayClose = Callable[[Any, bytes], None]
"""Writes a close frame: code (a number) and reason."""


class Wire(Abortable, Protocol):
    """What of an asyncio transport is used."""

    def write(self, data: bytes) -> None: ...
    def get_write_buffer_size(self) -> int: ...
    def set_write_buffer_limits(self, high: int | None = None) -> None: ...
    def close(self) -> None: ...


class ConnectionOutbox:
    """One connection's way out (`room.peer.Outbox`).

    Invariant: frames reach the wire in the order in which they were put; none is skipped while the connection lives.
    `put` is the transport's `write` itself while little waits there: every relayed message comes by here, for each receiver.
    """

    __slots__ = ("_allowance", "_loop", "_most_bytes", "_room_id", "_say_close", "_wire", "closing", "put")

    def __init__(self, wire: Wire, say_close: SayClose, most_bytes: int, loop: asyncio.AbstractEventLoop, room_id: str) -> None:
        self._wire = wire
        self._say_close = say_close  # picows has to know that we have closed, or it would close once more
        self._most_bytes = most_bytes
        self._loop = loop
        self._room_id = room_id  # to log it
        self._allowance = 0  # bytes of a large answer that is still on its way: they do not count as slowness
        self.closing = False
        self.put: Put = wire.write  # owe the connection this frame
        wire.set_write_buffer_limits(high=min(most_bytes, WATCHED_BYTES))  # past it `watch` is called, from inside of `write`

    @property
    def socket(self) -> object:
        """The connection's socket, for whoever asks the kernel about it; None where there is none any more."""
        return self._wire.get_extra_info("socket")

    def watch(self) -> None:
        """Much waits in the transport: from now on it is judged with each frame, until that was sent."""
        if not self.closing:
            self.put = self._put_watched
            self._judge()

    def put_answer(self, frame: bytes) -> None:
        """Owe the whole document, which may be larger than the limit. A second one counts while the first is on its way."""
        if self._allowance == 0:
            self._allowance = len(frame)
        self.put(frame)
        if self._wire.get_write_buffer_size() == 0:
            self._allowance = 0
        elif not self.closing:
            self.put = self._put_watched

    def drained(self) -> None:
        """The transport has sent nearly all that waited."""
        self._allowance = 0
        if not self.closing:
            self.put = self._wire.write

    def close(self, code: CloseCode, reason: str) -> None:
        """Write a close frame behind what is owed; the wire is cut if the other side does not answer."""
        if not self.closing:
            self.end()
            self._say_close(code, fit_reason(reason))
            self._loop.call_later(CLOSE_SECONDS, self.cut)

    def answer_close(self, frame: bytes) -> None:
        """The other side closes: give its frame back and end."""
        if not self.closing:
            self.end()
            self._wire.write(frame)
        self._wire.close()

    def end(self) -> None:
        """Nothing more reaches the wire from here: it is closed, or about to be."""
        self.closing = True
        self.put = _drop

    def cut(self) -> None:
        """End the connection at once."""
        abort(self._wire)

    def _put_watched(self, frame: bytes) -> None:
        if self._wire.get_write_buffer_size() == 0:
            self.drained()
        self._wire.write(frame)
        self._judge()

    def _judge(self) -> None:
        """More waits than may: too slow, unless it is the answer that was asked for."""
        if not self.closing and self._wire.get_write_buffer_size() > self._most_bytes + self._allowance:
            log.info("connection.slow", room=self._room_id)
            self.close(CloseCode.TOO_SLOW, "You read too slowly; connect again to catch up.")
