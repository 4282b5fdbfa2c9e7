"""WebSocket frames by hand (RFC 6455, section 5), on a socket of one's own."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from tests.server import ServerProcess
from tests.wire.client import Room

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
SECONDS = 20


@contextmanager
def upgraded(url: str, path: str, *, receive_buffer: int | None = None, connection: str = "Upgrade") -> Iterator[socket.socket]:
    """An upgraded socket on which a test writes bytes of its own."""
    host, port = url.removeprefix("http://").split(":")
    with socket.socket() as wire:
        if receive_buffer:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.settimeout(SECONDS)
        wire.connect((host, int(port)))
        wire.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: {connection}\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += read_exactly(wire, 1)
        assert head.startswith(b"HTTP/1.1 101"), head
        yield wire


@contextmanager
def raw_connection(server: ServerProcess, room: Room, *, receive_buffer: int | None = None, connection: str = "Upgrade") -> Iterator[socket.socket]:
    """The same in a room, as its host."""
    with upgraded(server.url, f"/sync/{room.id}?token={room.host}", receive_buffer=receive_buffer, connection=connection) as wire:
        yield wire


def masked(opcode: int, payload: bytes = b"", *, fin: bool = True, reserved: int = 0, mask: bytes = b"\x5a\xa5\x13\x37") -> bytes:
    """A client's frame."""
    size = len(payload)
    head = bytes([(0x80 if fin else 0) | reserved | opcode])
    head += bytes([0x80 | size]) if size < 126 else struct.pack(">BH", 0xFE, size) if size < 65536 else struct.pack(">BQ", 0xFF, size)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return head + mask + (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")


def read_exactly(wire: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        more = wire.recv(size - len(data))
        assert more, f"closed after {len(data)} of {size} bytes"
        data += more
    return bytes(data)


def next_frame(wire: socket.socket) -> tuple[int, bytes]:
    """Opcode and payload of a server's frame: final, no reserved bit, not masked, its length in its shortest form."""
    first, size = read_exactly(wire, 2)
    assert first & 0xF0 == 0x80 and size < 128, f"not a whole frame of a server: {first:#x} {size:#x}"
    if size == 126:
        size = struct.unpack(">H", read_exactly(wire, 2))[0]
        assert size > 125
    elif size == 127:
        size = struct.unpack(">Q", read_exactly(wire, 8))[0]
        assert size > 65535
    return first & 15, read_exactly(wire, size)


def close_code_after(wire: socket.socket, data: bytes) -> int:
    """What the server closes with, once it was sent that."""
    wire.sendall(data)
    while True:
        opcode, payload = next_frame(wire)
        if opcode == CLOSE:
            return int.from_bytes(payload[:2], "big")
