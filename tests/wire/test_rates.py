"""Rates at their edges, over a real server: who passes one is told so; cursors are gathered, never refused."""

import contextlib

import pytest
from websockets import ConnectionClosed

from fourhands.protocol import awareness, sync
from fourhands.protocol.awareness import Entry
from fourhands.protocol.sync import EMPTY_UPDATE, Kind
from tests.wire.client import Client, Room, clients
from tests.wire.conftest import StartServer

SLOW = 0.001
"""A second's worth that does not come within a test."""


async def test_one_message_too_many_is_closed_with_4529_and_a_reason(start_server: StartServer) -> None:
    server = start_server(messages_per_second=4)  # 20 at once
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        with contextlib.suppress(ConnectionClosed):  # already while it sends
            for _ in range(60):
                await lin.socket.send(sync.update(EMPTY_UPDATE))
        assert await lin.until_closed() == 4529
        assert "You send more" in str(lin.socket.close_reason)
        await ada.answered()


async def test_bytes_have_a_limit_too(start_server: StartServer) -> None:
    server = start_server(bytes_per_second=1024, message_bytes=4096)  # 10 KiB at once
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(12):
                await ada.insert(0, "x" * 2000)
        assert await ada.until_closed() == 4529


async def test_a_rooms_limit_closes_whoever_passes_it(start_server: StartServer) -> None:
    server = start_server(room_messages_per_second=4)
    room, other = Room.open(server.url), Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, other.id, other.host)) as (ada, elsewhere):
        with contextlib.suppress(ConnectionClosed):
            for _ in range(60):
                await ada.socket.send(sync.update(EMPTY_UPDATE))
        assert await ada.until_closed() == 4529
        assert "into this room" in str(ada.socket.close_reason)
        await elsewhere.answered()


@pytest.mark.parametrize("setting", ["cursors_per_second", "room_cursors_per_second"])
async def test_cursors_past_their_rate_are_told_newest_alone(start_server: StartServer, setting: str) -> None:
    server = start_server(**{setting: SLOW}, messages_per_second=4)
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join("Lin"))) as (ada, lin):
        last = 2000
        for clock in range(1, last + 1):
            await lin.socket.send(sync.awareness(awareness.encode([Entry(22, clock, b'{"cursor":%d}' % clock)])))
        await ada.until(lambda: 22 in ada.states and ada.states[22][0] == last)
        heard = sum(message.kind is Kind.AWARENESS for message in ada.messages)
        assert heard < last / 4
        assert lin.closed is None
        assert (ada.states[22][1] or {})["cursor"] == last


async def test_without_rates_nobody_is_closed(start_server: StartServer) -> None:
    server = start_server(messages_per_second=4, room_messages_per_second=4, rate_limits="off")
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        for _ in range(300):
            await ada.socket.send(sync.update(EMPTY_UPDATE))
        await ada.answered()
        assert ada.closed is None


@pytest.mark.parametrize("role", ["editor", "viewer"])
async def test_whoever_has_the_document_read_again_and_again_is_closed_with_4529(start_server: StartServer, role: str) -> None:
    """A viewer's step 2 is work, too, as every editor's is that is no keystroke."""
    asks = role == "editor"
    server = start_server(**{"answer_milliseconds_per_second" if asks else "work_milliseconds_per_second": SLOW})
    room = Room.open(server.url)
    question = sync.step1(b"\x00") if asks else sync.step2(b"\x00\x01\x05\x01\x00\x01")
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join(role=role))) as (ada, lin):
        with contextlib.suppress(ConnectionClosed):  # already while it asks
            for _ in range(20):
                await lin.socket.send(question)
        assert await lin.until_closed() == 4529
        assert ("You ask for more" if asks else "more time") in str(lin.socket.close_reason)
        assert ada.closed is None
