"""Somebody who reads slowly, or not at all, costs bounded memory and their own connection; nobody else notices."""

import asyncio
import contextlib
import select
import socket
import statistics
import struct
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from fourhands.protocol import sync
from tests.server import ServerProcess
from tests.wire.client import Client, Room, clients
from tests.wire.conftest import StartServer
from tests.wire.frames import BINARY, CLOSE, PING, TEXT, masked, next_frame, raw_connection

STALLED = 20
PASTED, LARGE = 60_000, 600_000
SMALLEST_OUTBOX = 65_536
CUT_SECONDS = 30.0


def resident_mb(server: ServerProcess) -> float:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def open_sockets(server: ServerProcess) -> int:
    found = 0
    for link in Path(f"/proc/{server.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # it was closed meanwhile
            found += link.readlink().name.startswith("socket:")
    return found


async def until_sockets(server: ServerProcess, most: int) -> None:
    """Until it has no more open than that: the other side hears of an end before the server's kernel has let go of it."""
    async with asyncio.timeout(CUT_SECONDS):
        while open_sockets(server) > most:  # noqa: ASYNC110 - another process, which tells nobody
            await asyncio.sleep(0.05)


async def paste(client: Client, times: int, size: int = PASTED) -> None:
    """Replace the text by another one again and again."""
    for number in range(times):
        with client.doc.transaction():
            client.text.clear()
            client.text += chr(97 + number % 26) * size
        await client.flush()
        if number % 10 == 9:
            await client.until_saved()


async def wave(client: Client, reader: Client, clocks: range) -> None:
    """Move a cursor that is as large as one may be: nothing of it is kept anywhere."""
    for clock in clocks:
        await client.present(1, clock, {"cursor": chr(97 + clock % 26) * 15_000})
        if clock % 50 == 0:
            await reader.until(lambda clock=clock: 1 in reader.states and reader.states[1][0] == clock)


def cut_off(wires: Sequence[socket.socket], seconds: float = CUT_SECONDS) -> bool:
    """Whether the other side ends all of these connections, without a byte being read from them."""
    waiting, poll, deadline = {wire.fileno() for wire in wires}, select.poll(), time.monotonic() + seconds
    for number in waiting:
        poll.register(number, select.POLLRDHUP)
    while waiting and time.monotonic() < deadline:
        for number, _ in poll.poll((deadline - time.monotonic()) * 1000):
            poll.unregister(number)
            waiting.discard(number)
    return not waiting


def read_to_the_end(wire: socket.socket) -> list[tuple[int, bytes]]:
    """All frames that still come; the last one may be cut."""
    frames: list[tuple[int, bytes]] = []
    with contextlib.suppress(AssertionError, ConnectionError):
        while True:
            frames.append(next_frame(wire))
    return frames


async def test_readers_that_stop_cost_bounded_memory_and_their_connections(start_server: StartServer) -> None:
    server = start_server(outbox_bytes=4 * LARGE, rate_limits="off")
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        await wave(ada, lin, range(1, 501))
        before, sockets = resident_mb(server), open_sockets(server)
        with contextlib.ExitStack() as stack:
            stalled = [stack.enter_context(raw_connection(server, room, receive_buffer=4096)) for _ in range(STALLED)]
            for one in stalled:
                next_frame(one)  # it is in the room; from now on it reads nothing
            await wave(ada, lin, range(501, 5501))  # 75 MB for each
            assert resident_mb(server) - before < 40
            assert await asyncio.to_thread(cut_off, stalled), "who does not answer the close frame is cut"
            await until_sockets(server, sockets)  # one of HTTP may have ended meanwhile
        assert (ada.closed, lin.closed) == (None, None)
    assert server.log.count("connection.slow") == STALLED


async def test_who_reads_on_hears_why_it_was_closed(start_server: StartServer) -> None:
    server = start_server(outbox_bytes=SMALLEST_OUTBOX, rate_limits="off")
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        with raw_connection(server, room, receive_buffer=4096) as slow:
            next_frame(slow)
            while "connection.slow" not in server.log:
                await paste(ada, 1)
                await ada.answered()
            frames = await asyncio.to_thread(read_to_the_end, slow)
            assert (frames[-1][0], frames[-1][1][:2]) == (CLOSE, struct.pack(">H", 4508))
            assert all(opcode in (BINARY, PING) for opcode, _ in frames[:-1])


LAST_WORDS = {
    "closed with 1003": masked(TEXT, b"text"),
    "closed with 4400": masked(BINARY, b"\x07"),
    "closed with 1002 by picows itself": masked(3, b""),
    "it closes, and does not read the answer": masked(CLOSE, b"\x03\xe8"),
    "it talks on after its close": masked(CLOSE, b"\x03\xe8") + masked(BINARY, sync.step1(b"\x00")) * 50,
}


@pytest.mark.parametrize("full", [False, True], ids=["", "with full buffers"])
async def test_a_socket_that_never_answers_a_close_is_cut(start_server: StartServer, full: bool) -> None:
    server = start_server(heartbeat_seconds=1, rate_limits="off")
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        sockets = open_sockets(server)
        with contextlib.ExitStack() as stack:
            wires = [stack.enter_context(raw_connection(server, room, receive_buffer=4096)) for _ in LAST_WORDS]
            for wire in wires:
                next_frame(wire)
            if full:
                await paste(ada, 10, LARGE)  # 6 MB wait for each, more than the kernel takes
            for wire, words in zip(wires, LAST_WORDS.values(), strict=True):
                with contextlib.suppress(ConnectionError):  # where pasting took long: cut already, as it answered no ping either
                    wire.sendall(words)
            assert await asyncio.to_thread(cut_off, wires)
            await until_sockets(server, sockets)  # one of HTTP may have ended meanwhile
        await ada.answered()


async def test_others_are_as_fast_beside_readers_that_stop(start_server: StartServer) -> None:
    """A ratio of what the fastest took, in turns: other programs on the machine make some slower, never those faster. What waits for ten
    others makes each slower if it is looked at. bench/slow_readers.py looks at the slowest 1 %."""
    server = start_server(rate_limits="off")
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        alone: list[float] = []
        beside: list[float] = []
        for _ in range(2):
            await paste(ada, 10, LARGE)
            await lin.until(lambda: str(lin.text) == str(ada.text))
            alone += [await travel_seconds(ada, lin) for _ in range(30)]
            with contextlib.ExitStack() as stack:
                for _ in range(10):
                    next_frame(stack.enter_context(raw_connection(server, room, receive_buffer=4096)))
                await paste(ada, 10, LARGE)  # more than the kernel takes: from here on all waits for each of them
                await lin.until(lambda: str(lin.text) == str(ada.text))
                beside += [await travel_seconds(ada, lin) for _ in range(30)]
        assert "connection.slow" not in server.log
        assert fastest(beside) < 3 * fastest(alone)


def fastest(seconds: Sequence[float]) -> float:
    """What one in ten did not exceed."""
    return statistics.quantiles(seconds, n=10)[0]


async def travel_seconds(writer: Client, reader: Client) -> float:
    """How long a character takes from one to the other."""
    length, start = len(reader.text) + 1, time.perf_counter()
    await writer.insert(0, "x")
    await reader.until(lambda: len(reader.text) == length)
    return time.perf_counter() - start


async def test_a_step_1_storm_of_somebody_who_does_not_read(start_server: StartServer) -> None:
    """Each answer is a whole document; one at a time may wait."""
    server = start_server(outbox_bytes=SMALLEST_OUTBOX, rate_limits="off")
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.insert(0, "x" * 900_000)
        await ada.until_saved()
        before = resident_mb(server)
        with raw_connection(server, room, receive_buffer=4096) as greedy:
            greedy.sendall(masked(BINARY, sync.step1(b"\x00")) * 100)
            await ada.answered()
            assert resident_mb(server) - before < 40  # 90 MB, if all were answered
            assert await asyncio.to_thread(cut_off, [greedy])
