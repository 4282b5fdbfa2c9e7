"""A connection to Redis once its client has made it: written to at once, its answers taken as they come. No task, coroutine or timer for each.

redis-py knows addresses, TLS and passwords, and makes the connection; then its transport gets this protocol, and what redis-py reads and writes with is
not used any more. hiredis parses here as it does there, and answers that are errors are redis-py's exceptions.
"""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import hiredis
from redis.asyncio.connection import AbstractConnection

_NOT_YET = object()


class Wire(asyncio.Protocol):
    """Over a connection that stands, and on which nothing is awaited.

    `answered` hears of each answer, in their order: bytes, numbers, lists of them, None, or an exception. `lost` hears, once, of the end that nobody asked for;
    `drained`, that more may be written (`full` no longer).
    """

    def __init__(
        self, connection: AbstractConnection, answered: Callable[[Any], None], lost: Callable[[Exception], None], drained: Callable[[], None] | None = None
    ) -> None:
        made = cast("Any", connection)
        self._answered, self._lost, self._drained = answered, lost, drained
        self._parser = hiredis.Reader(replyError=made._parser.parse_error, notEnoughData=_NOT_YET)
        self._transport: asyncio.Transport = made._writer.transport
        self._closed = False
        self.full = False
        self._transport.set_protocol(self)

    def write(self, commands: bytes) -> None:
        """Packed commands; what the system does not take at once waits here. Once it has ended they are lost, as those are that were under way."""
        if not self._transport.is_closing():  # uvloop raises RuntimeError then, asyncio says nothing
            self._transport.write(commands)

    def close(self) -> None:
        """Nothing of it is heard any more."""
        self._closed = True

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed(data)
            while not self._closed and (answer := self._parser.gets(False)) is not _NOT_YET:
                self._answered(answer)
        except hiredis.HiredisError as error:
            self._end(ConnectionError(f"Redis' answer cannot be read: {error}"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or ConnectionResetError("Redis has ended the connection."))

    def pause_writing(self) -> None:
        self.full = True

    def resume_writing(self) -> None:
        self.full = False
        if self._drained is not None and not self._closed:
            self._drained()

    def _end(self, error: Exception) -> None:
        if not self._closed:
            self._closed = True
            self._lost(error)
