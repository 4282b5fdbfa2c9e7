"""Thousands of people who do as little as can be, so that one process can play them all: each connects, takes in the room's
state, and says when it is there. Bare frames on bare transports."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from fourhands.protocol import sync
from fourhands.protocol.sync import Kind

EMPTY_VECTOR = b"\0"
AGAIN_SECONDS = 0.05
CLOSE = 0x8
PING = 0x9


def masked(payload: bytes, opcode: int = 0x2) -> bytes:
    """A client's frame (RFC 6455, 5.2) of at most 65,535 bytes; a mask of zeros changes nothing."""
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else bytes([0x80 | 126]) + len(payload).to_bytes(2, "big")
    return bytes([0x80 | opcode]) + size + bytes(4) + payload


def upgrade(room: str, *, events: bool) -> bytes:
    lines = [
        f"GET /sync/{room} HTTP/1.1",
        "Host: herd",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        *(["Sec-WebSocket-Protocol: fourhands.v1"] if events else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


class Sheep(asyncio.Protocol):
    """One connection. `joined`: the loop's time when it had the room's state; `closed`: the close code, 0 without one."""

    def __init__(self, room: str, *, events: bool = False) -> None:
        self.room, self._events = room, events
        self.joined: float | None = None
        self.closed: int | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport
        self._received = bytearray()
        self._upgraded = False
        self._awaited: tuple[bytes, asyncio.Future[None]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(upgrade(self.room, events=self._events))

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._upgraded:
            head, found, rest = self._received.partition(b"\r\n\r\n")
            if not found:
                return
            assert head.startswith(b"HTTP/1.1 101 "), head[:80]
            self._upgraded, self._received = True, rest
            self._transport.write(masked(sync.step1(EMPTY_VECTOR)))
        while (one := self._frame()) is not None:
            self._take(*one)

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = self.closed or 0
        for waiting in (self.done, self.gone, *([self._awaited[1]] if self._awaited else [])):
            self._settle(waiting)

    def send(self, message: bytes) -> None:
        self._transport.write(masked(message))

    def cut(self) -> None:
        self._transport.abort()

    async def heard(self, part: bytes) -> None:
        """Wait for a message that holds these bytes, or for the end."""
        self._awaited = part, asyncio.get_running_loop().create_future()
        await self._awaited[1]

    def _frame(self) -> tuple[int, bytes] | None:
        received = self._received
        if len(received) < 2:
            return None
        size, start = received[1], 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(received[2:start], "big")
        if len(received) < start + size:
            return None
        opcode, payload = received[0] & 0xF, bytes(received[start : start + size])
        del received[: start + size]
        return opcode, payload

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == CLOSE:
            self.closed = int.from_bytes(payload[:2], "big")
            self._transport.write(masked(payload[:2], CLOSE))
        elif opcode == PING:
            self._transport.write(masked(payload, 0xA))
        elif self._awaited is not None and self._awaited[0] in payload:
            self._settle(self._awaited[1])
        elif self.joined is None and sync.decode(payload).kind is Kind.STEP2:
            self.joined = asyncio.get_running_loop().time()
            self._settle(self.done)

    def _settle(self, waiting: "asyncio.Future[None]") -> None:
        if not waiting.done():
            waiting.set_result(None)


async def enter(host: str, port: int, room: str, *, events: bool = False) -> Sheep:
    """Somebody who is in, or whose connection has ended."""
    _, sheep = await asyncio.get_running_loop().create_connection(lambda: Sheep(room, events=events), host, port)
    await sheep.done
    return sheep


@dataclass
class Herd:
    """Where everybody belongs: `rooms` holds the room of each. Rooms are opened by joining."""

    host: str
    port: int
    rooms: Sequence[str]
    sheep: list[Sheep] = field(default_factory=list[Sheep])
    refused: int = 0

    async def come(self, pauses: Sequence[float]) -> list[float]:
        """Everybody connects after their pause, again and again until they are in. Seconds that each took, sorted."""
        began = asyncio.get_running_loop().time()
        self.sheep = list(await asyncio.gather(*(self._one(room, pause) for room, pause in zip(self.rooms, pauses, strict=True))))
        return sorted(one.joined - began for one in self.sheep if one.joined is not None)

    async def _one(self, room: str, pause: float) -> Sheep:
        await asyncio.sleep(pause)
        while True:
            try:
                sheep = await enter(self.host, self.port, room)
            except OSError:
                sheep = None
            if sheep is not None and sheep.joined is not None:
                return sheep
            self.refused += 1
            await asyncio.sleep(AGAIN_SECONDS)

    async def gone(self) -> list[int | None]:
        """Wait until everybody was sent away; the close codes."""
        await asyncio.gather(*(one.gone for one in self.sheep))
        return [one.closed for one in self.sheep]


def processor_seconds(pid: int) -> float:
    """What a process has used of the processor since it began (proc_pid_stat(5): utime, stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """What a process holds in memory now."""
    pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
