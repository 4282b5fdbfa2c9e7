"""The server's WebSocket frames (RFC 6455, section 5.2), made once and written to many connections as they are.

picows 2.3.1 reuses its header buffer under `send()` of more than 8 KiB, which corrupts frames to a slow reader.
"""

import struct

BINARY, CLOSE, PING, PONG = 0x2, 0x8, 0x9, 0xA


def frame(payload: bytes, opcode: int = BINARY) -> bytes:
    """One final, unmasked frame."""
    size = len(payload)
    first = 0x80 | opcode
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65536:
        return struct.pack(">BBH", first, 126, size) + payload
    return struct.pack(">BBQ", first, 127, size) + payload


PING_FRAME = frame(b"", PING)


def close_frame(code: int, reason: bytes) -> bytes:
    """A close frame; `reason` is UTF-8 of at most 123 bytes."""
    return frame(struct.pack(">H", code) + reason, CLOSE)
