"""Frames on the connection between server and runner: two lengths (uint32, big-endian), a header, a body. Pure.

Whoever reads them trusts nothing: a length past its bound ends the connection before anything of it is kept.
"""

import struct
from collections.abc import Iterator

from fourhands.errors import ProtocolViolation

_LENGTHS = struct.Struct(">II")
HEADER_BYTES = 512 * 1024
"""Most of a header: a job with 64 names and all the arguments that it may have stays far below."""
BODY_BYTES = 64 * 1024 * 1024
"""Most of a body: a program and its standard input, or a picture; the settings' bounds stay below."""


def pack_frame(header: bytes, body: bytes = b"") -> bytes:
    """One frame. Raises `ProtocolViolation` if the other end would refuse it."""
    if len(header) > HEADER_BYTES or len(body) > BODY_BYTES:
        raise ProtocolViolation(f"A frame of {len(header):,} and {len(body):,} bytes is too large.")
    return b"".join((_LENGTHS.pack(len(header), len(body)), header, body))


class FrameReader:
    """Takes bytes as they come, gives whole frames. Holds at most one unfinished frame and what was read with it.

    After it raised, it is of no further use: where the next frame begins cannot be known.
    """

    def __init__(self, *, header_bytes: int = HEADER_BYTES, body_bytes: int = BODY_BYTES) -> None:
        self._header_bytes = header_bytes
        self._body_bytes = body_bytes
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Header and body of each frame that is whole now. Raises `ProtocolViolation` for one that is too large."""
        buffer = self._buffer
        buffer += data
        at = 0
        while len(buffer) - at >= _LENGTHS.size:
            header, body = _LENGTHS.unpack_from(buffer, at)
            if header > self._header_bytes or body > self._body_bytes:
                raise ProtocolViolation(f"A frame of {header:,} and {body:,} bytes is too large.")
            start = at + _LENGTHS.size
            if len(buffer) < start + header + body:
                break
            at = start + header + body
            yield bytes(buffer[start : start + header]), bytes(buffer[start + header : at])
        del buffer[:at]

    def end(self) -> None:
        """No more comes. Raises `ProtocolViolation` in the middle of a frame."""
        if self._buffer:
            raise ProtocolViolation(f"The connection ended in the middle of a frame, {len(self._buffer):,} bytes into it.")
