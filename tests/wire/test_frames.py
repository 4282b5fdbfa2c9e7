"""What cannot be read costs its sender the connection, with a code and a reason; nobody else notices. The rules of
WebSocket itself are in test_rfc6455.py."""

import asyncio
import contextlib
import random

import pytest
import websockets

from fourhands.protocol import sync
from fourhands.protocol.varint import write_bytes
from tests.server import ServerProcess
from tests.wire.client import Client, Room, clients
from tests.wire.conftest import StartServer
from tests.wire.frames import masked, next_frame, raw_connection


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
        (random.Random(3).randbytes(64), "noise"),
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
