"""Ends a connection whose other side does not read. `ws.outbox` and `http.arrival` call it."""

import socket
import struct
from typing import Any, Protocol

_NO_LINGER = struct.pack("ii", 1, 0)


class Abortable(Protocol):
    """What of an asyncio transport is used."""

    def abort(self) -> None: ...
    def get_extra_info(self, name: str) -> Any: ...


def abort(wire: Abortable) -> None:
    """End the connection at once; what the other side has not read is dropped, by the kernel too, which would keep megabytes of it."""
    handle = wire.get_extra_info("socket")
    if handle is not None and handle.fileno() >= 0:  # it may have ended meanwhile
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    wire.abort()
