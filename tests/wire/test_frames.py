"""What cannot be read costs its sender the connection, with a code and a reason; nobody else notices."""

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import websockets

from fourhands.protocol import sync
from fourhands.protocol.varint import write_bytes
from tests.server import ServerProcess
from tests.wire.client import Client, Room, clients
from tests.wire.conftest import StartServer


@contextmanager
def raw_connection(server: ServerProcess, room: Room, *, receive_buffer: int | None = None, connection: str = "Upgrade") -> Iterator[socket.socket]:
    """An upgraded socket on which a test writes bytes of its own."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.socket() as wire:
        if receive_buffer:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        wire.settimeout(10)
        wire.connect((host, int(port)))
        wire.sendall(
            f"GET /sync/{room.id}?token={room.host} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: {connection}\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += wire.recv(1)
        assert head.startswith(b"HTTP/1.1 101"), head
        yield wire


def masked(opcode: int, payload: bytes, *, fin: bool = True, reserved: int = 0) -> bytes:
    """A client's frame (RFC 6455, section 5.2), masked with zeros."""
    size = len(payload)
    head = bytes([(0x80 if fin else 0) | reserved | opcode])
    head += bytes([0x80 | size]) if size < 126 else struct.pack(">BH", 0xFE, size) if size < 65536 else struct.pack(">BQ", 0xFF, size)
    return head + b"\0\0\0\0" + payload


def read_exactly(wire: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = wire.recv(size - len(data))
        assert more, f"closed after {len(data)} of {size} bytes"
        data += more
    return data


def next_frame(wire: socket.socket) -> tuple[int, bytes]:
    first, size = read_exactly(wire, 2)
    if size == 126:
        size = struct.unpack(">H", read_exactly(wire, 2))[0]
    elif size == 127:
        size = struct.unpack(">Q", read_exactly(wire, 8))[0]
    return first & 15, read_exactly(wire, size)


def close_code_after(wire: socket.socket, data: bytes) -> int:
    """What the server closes with, once it was sent that."""
    wire.sendall(data)
    while True:
        opcode, payload = next_frame(wire)
        if opcode == 8:
            return int.from_bytes(payload[:2], "big")


@pytest.mark.parametrize(
    ("message", "what"),
    [
        (b"", "nothing"),
        (b"\x07", "an unknown type"),
        (b"\x00\x09", "an unknown step"),
        (b"\x00\x02\x05ab", "cut short"),
        (sync.update(b"\xff\xff\xff"), "an update that does not decode"),
        (sync.step2(b"junk!"), "a step 2 that does not decode"),
        (sync.step1(b"\x05"), "a state vector that does not decode"),
        (sync.update(sync.EMPTY_UPDATE) + b"x", "bytes left over"),
        (b"\x01" + write_bytes(b"\x05\x01"), "a broken awareness message"),
        (os.urandom(64), "noise"),
    ],
)
async def test_a_message_that_cannot_be_read_closes_its_sender_alone(server: ServerProcess, message: bytes, what: str) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        await lin.socket.send(message)
        assert await lin.until_closed() == 4400, what
        assert lin.socket.close_reason
        await ada.insert(0, "going on")
        await ada.until_saved()
        assert ada.closed is None
    async with Client(server.url, room.id, room.host) as again:
        assert str(again.text) == "going on"


async def test_text_is_not_spoken_here(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.socket.send("text")
        assert await ada.until_closed() == 1003


async def test_a_message_may_be_as_large_as_the_limit_and_no_larger(start_server: StartServer) -> None:
    server = start_server(message_bytes=4096)
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        empty = len(sync.event(b'{"type":"chat","text":""}'))
        ada_text = "x" * (4096 - empty - 1)  # the length takes a second byte
        await ada.say("chat", text=ada_text[:-40])
        await ada.event("error", code="invalid_request")  # too long for a chat, but read
        await ada.socket.send(b"\x00" * 4097)
        assert await ada.until_closed() == 1009


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (masked(0, b"x"), 1002),  # a continuation without a start
        (masked(2, b"\x00", fin=False) + masked(2, b"\x00"), 1002),  # a new message inside a message
        (masked(2, b"\x03", reserved=0x40), 1002),
        (masked(2, b"\x03", reserved=0x20), 1002),
        (masked(9, b"\x03", reserved=0x10), 1002),
        (masked(3, b""), 1002),  # an opcode that does not exist
        (masked(9, b"", fin=False), 1002),  # a control frame in pieces
        (masked(8, b"\x03"), 1002),  # half a close code
        (masked(8, struct.pack(">H", 1005)), 1002),  # a close code that may not be sent
        (masked(8, struct.pack(">H", 1000) + b"\xff"), 1007),  # a reason that is not UTF-8
        (masked(8, struct.pack(">H", 3500) + b"bye"), 3500),  # given back
        (b"\x82\x01\x03", 1002),  # not masked
        (masked(2, b"\x00", fin=False) + masked(0, b"\x02", fin=False) * 2000, 1009),  # too many fragments
    ],
)
def test_the_rules_of_websocket_frames(server: ServerProcess, data: bytes, code: int) -> None:
    with raw_connection(server, Room.open(server.url)) as wire:
        assert close_code_after(wire, data) == code


def test_an_empty_close_is_answered_by_an_empty_one(server: ServerProcess) -> None:
    with raw_connection(server, Room.open(server.url)) as wire:
        wire.sendall(masked(8, b""))
        opcode, payload = next_frame(wire)
        while opcode != 8:
            opcode, payload = next_frame(wire)
        assert payload == b""


def test_fragments_with_a_ping_between_them_are_one_message(server: ServerProcess) -> None:
    with raw_connection(server, Room.open(server.url)) as wire:
        question = sync.step1(b"\x00")
        wire.sendall(masked(2, question[:1], fin=False) + masked(9, b"there?") + masked(0, question[1:2], fin=False) + masked(0, question[2:]))
        frames = [next_frame(wire) for _ in range(3)]  # the server's step 1, the pong, the answer
        assert (10, b"there?") in frames
        assert any(opcode == 2 and payload.startswith(b"\x00\x01") for opcode, payload in frames)


def test_browsers_ask_to_keep_the_connection_alive(server: ServerProcess) -> None:
    with raw_connection(server, Room.open(server.url), connection="keep-alive, Upgrade") as wire:
        assert next_frame(wire)[1].startswith(b"\x00\x00")


def test_large_frames_reach_a_slow_reader_whole(server: ServerProcess) -> None:
    """picows reuses its header buffer under send() of large messages; ours are framed by ourselves."""
    room = Room.open(server.url)
    with raw_connection(server, room, receive_buffer=65536) as wire:
        pings = [bytes([65 + number % 26]) * (100 + number % 20) for number in range(400)]
        for ping in pings:
            wire.sendall(masked(9, ping) + masked(2, sync.step1(b"\x00")))
        got = []
        while len(got) < len(pings):
            opcode, payload = next_frame(wire)
            if opcode == 10:
                got.append(payload)
        assert got == pings


async def test_a_reader_that_stops_is_closed_and_hurts_nobody(start_server: StartServer) -> None:
    server = start_server(outbox_bytes=65536)
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        with raw_connection(server, room, receive_buffer=4096) as slow:
            next_frame(slow)  # it is in the room; from now on it reads nothing
            for number in range(150):
                await ada.insert(0, f"{number}:" + "x" * 30_000)
                if len(ada.text) > 600_000:
                    del ada.text[: len(ada.text)]
                    await ada.flush()
            await ada.answered()
            await lin.until(lambda: str(lin.text) == str(ada.text))
            codes = []
            try:
                while True:
                    opcode, payload = next_frame(slow)
                    if opcode == 8:
                        codes.append(int.from_bytes(payload[:2], "big"))
            except (AssertionError, ConnectionError):
                pass  # cut off before it had read everything, or after
            assert codes in ([], [4508])
            assert "connection.slow" in server.log or codes == [4508]
        assert (ada.closed, lin.closed) == (None, None)


async def test_a_client_that_is_silent_is_cut(start_server: StartServer) -> None:
    server = start_server(heartbeat_seconds=1)
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:

        def be_silent() -> None:
            with raw_connection(server, room) as silent, contextlib.suppress(ConnectionError), pytest.raises(AssertionError, match="closed"):
                while True:  # answers no ping
                    next_frame(silent)

        await asyncio.to_thread(be_silent)
        await ada.answered()
        assert ada.closed is None  # it answers pings, as every client does


async def test_a_path_that_is_none_is_refused(server: ServerProcess) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(server.url.replace("http", "ws", 1) + "/elsewhere")
    assert refused.value.response.status_code == 404


async def test_who_sends_too_fast_is_closed_and_may_come_back(start_server: StartServer) -> None:
    server = start_server(messages_per_second=20)
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        with contextlib.suppress(websockets.ConnectionClosed):
            for _ in range(200):
                await lin.socket.send(b"\x03")
        assert await lin.until_closed() == 4529
        await ada.answered()
        await lin.connect()
        assert lin.closed is None


async def test_asking_again_and_again_without_reading_costs_little(start_server: StartServer) -> None:
    server = start_server(outbox_bytes=262_144)
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        for _ in range(3):
            await ada.insert(0, "x" * 300_000)
        await ada.until_saved()
        before = resident_kb(server)
        with raw_connection(server, room, receive_buffer=4096) as greedy:
            greedy.sendall(masked(2, sync.step1(b"\x00")) * 150)
            await ada.answered()
            await ada.answered()
            assert resident_kb(server) - before < 60_000  # one answer is 0.9 MB, 150 would be 135 MB
            with contextlib.suppress(AssertionError, ConnectionError):
                while next_frame(greedy)[0] != 8:
                    pass
        await ada.insert(0, "going on")
        await ada.until_saved()


def resident_kb(server: ServerProcess) -> int:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


async def test_a_document_larger_than_what_may_wait_can_still_be_joined(start_server: StartServer) -> None:
    server = start_server(outbox_bytes=65_536)
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        for number in range(3):
            await ada.insert(0, f"{number}" + "x" * 300_000)
            await ada.until_saved()
        async with Client(server.url, room.id, room.join()) as lin:
            assert len(str(lin.text)) == 900_003
            assert lin.closed is None
