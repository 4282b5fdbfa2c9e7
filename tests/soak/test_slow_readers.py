"""Readers that pause at random: whoever is not sent away has heard every update, in order; whoever is, all up to a point."""

import contextlib
import random
import socket
from dataclasses import dataclass, field

import pytest
from pycrdt import Text, TransactionEvent

from fourhands.protocol import sync
from fourhands.protocol.sync import Kind
from tests.soak.conftest import StartServer
from tests.wire.client import Client, Room
from tests.wire.frames import BINARY, CLOSE, masked, next_frame, raw_connection

READERS = 6
UPDATES = 600
"""About nine megabytes to each reader: more than the kernel takes for one that pauses."""
OUTBOX_BYTES = 1_000_000


@dataclass
class Reader:
    """A connection that reads when it likes. `updates` are those that came, `code` is what it was closed with; 0: cut."""

    wire: socket.socket
    laziness: float
    came: bytearray = field(default_factory=bytearray)
    updates: list[bytes] = field(default_factory=list)
    code: int | None = None
    states: int = 0

    def read(self, most: int) -> bool:
        """Read so many bytes at the most, of what is there. Whether anything was."""
        try:
            data = self.wire.recv(most)
        except (BlockingIOError, TimeoutError):
            return False
        except ConnectionError:
            data = b""
        if not data:
            self.code = self.code or 0
            return False
        self.came += data
        self._take_frames()
        return True

    def _take_frames(self) -> None:
        start = 0
        while True:
            head = {126: 4, 127: 10}.get(self.came[start + 1], 2) if len(self.came) >= start + 2 else 2
            if len(self.came) < start + head:
                break
            size = self.came[start + 1] if head == 2 else int.from_bytes(self.came[start + 2 : start + head], "big")
            if len(self.came) < start + head + size:
                break
            payload = bytes(self.came[start + head : start + head + size])
            assert self.code is None, "nothing may follow the close frame"
            if self.came[start] & 15 == CLOSE:
                self.code = int.from_bytes(payload[:2], "big")
            elif self.came[start] & 15 == BINARY:
                message = sync.decode(payload)
                if message.kind is Kind.UPDATE:
                    self.updates.append(message.payload)
                self.states += message.kind is Kind.STEP2
            start += head + size
        del self.came[:start]


@pytest.mark.rounds(20)
async def test_no_update_is_skipped_for_a_connection_that_lives(start_server: StartServer, chance: random.Random) -> None:
    server = start_server(outbox_bytes=OUTBOX_BYTES, rate_limits="off")
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        sent: list[bytes] = []
        subscription = ada.doc.observe(lambda event: sent.append(_update(event)))
        aside = ada.doc.get("aside", type=Text)
        with contextlib.ExitStack() as stack:
            readers = [
                Reader(stack.enter_context(raw_connection(server, room, receive_buffer=chance.choice([4096, 65536]))), chance.random()) for _ in range(READERS)
            ]
            for reader in readers:
                next_frame(reader.wire)  # it is in the room
                reader.wire.setblocking(False)
            for _ in range(UPDATES):
                with ada.doc.transaction():
                    if len(aside) > 100_000:
                        del aside[: chance.randrange(len(aside))]
                    aside += chr(chance.randrange(97, 123)) * chance.choice([1, 1, 10, 1000, 30_000, 30_000])  # longer ones are passed on in several texts
                await ada.flush()
                if chance.random() < 0.1:
                    await ada.answered()
                for reader in readers:
                    if reader.code is None and chance.random() > reader.laziness:
                        reader.read(chance.choice([100, 100_000, 1_000_000]))
            await ada.answered()
            for reader in readers:
                reader.wire.settimeout(30)
                with contextlib.suppress(ConnectionError):
                    reader.wire.sendall(masked(BINARY, sync.step1(ada.doc.get_state())))  # the answer is the last word to those who live
                while reader.code is None and not reader.states:
                    assert reader.read(1_000_000) or reader.code is not None, "neither closed nor up to date"
                assert reader.code in (None, 0, 4508)
                if reader.code is None:
                    assert reader.updates == sent
                else:
                    assert reader.updates == sent[: len(reader.updates)]
        ada.doc.unobserve(subscription)
        async with Client(server.url, room.id, room.join()) as back:
            assert str(back.doc.get("aside", type=Text)) == str(aside)


def _update(event: TransactionEvent) -> bytes:
    return event.update
