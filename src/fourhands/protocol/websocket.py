"""The server's WebSocket frames (RFC 6455, section 5.2), made once and written to many connections as they are.

picows 2.3.1 reuses its header buffer under `send()` of more than 8 KiB, which corrupts frames to a slow reader.
"""

import struct

from fourhands.protocol.close import CloseCode, may_be_received

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA


_SMALL = [bytes((0x80 | BINARY, size)) for size in range(126)]
_medium, _large = struct.Struct(">BBH").pack, struct.Struct(">BBQ").pack


def frame(payload: bytes, opcode: int = BINARY) -> bytes:
    """One final, unmasked frame."""
    size = len(payload)
    if size < 126:
        return (_SMALL[size] if opcode == BINARY else bytes((0x80 | opcode, size))) + payload
    if size < 65536:
        return _medium(0x80 | opcode, 126, size) + payload
    return _large(0x80 | opcode, 127, size) + payload


PING_FRAME = frame(b"", PING)


def close_frame(code: int, reason: bytes) -> bytes:
    """A close frame; `reason` is UTF-8 of at most 123 bytes."""
    return frame(struct.pack(">H", code) + reason, CLOSE)


def close_answer(payload: bytes) -> bytes:
    """The close frame that answers one with this payload: the same again, or what is wrong with it."""
    if not payload:
        return frame(b"", CLOSE)
    if len(payload) < 2 or not may_be_received(int.from_bytes(payload[:2], "big")):
        return close_frame(CloseCode.PROTOCOL_ERROR, b"This close code may not be sent.")
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        return close_frame(CloseCode.INVALID_TEXT, b"This reason is not UTF-8.")
    return frame(payload, CLOSE)
