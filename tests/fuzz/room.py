"""A room that many are in over connections whose wires are made by hand, on a real store: what `test_room` plays with."""

import asyncio
import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from picows import WSFrame, WSMsgType, WSTransport

from fourhands.edge.ws.connection import Connection
from fourhands.edge.ws.door import Asked
from fourhands.edge.ws.hub import Hub
from fourhands.model.room import Member
from fourhands.protocol import awareness, sync
from fourhands.protocol.close import CloseCode
from fourhands.protocol.update import read_state_vector
from fourhands.room.document import Document
from fourhands.room.live import LiveRoom
from fourhands.room.restoring import restore
from fourhands.store.sql.store import SqlStore
from tests.fuzz.typists import Typist
from tests.house import House


@dataclass
class Frame:
    """What picows hands on: one whole binary message."""

    payload: bytes
    msg_type: WSMsgType = WSMsgType.BINARY
    fin: bool = True
    rsv1: bool = False
    rsv2: bool = False
    rsv3: bool = False
    last_in_buffer: bool = True

    def get_payload_as_bytes(self) -> bytes:
        return self.payload


def frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Opcode and payload of each frame of a server's."""
    position = 0
    while position < len(data):
        opcode, size, position = data[position] & 15, data[position + 1], position + 2
        if size > 125:
            width = 2 if size == 126 else 8
            size, position = int.from_bytes(data[position : position + width], "big"), position + width
        yield opcode, data[position : position + size]
        position += size


class Wire:
    """Both of picows' transport and of asyncio's what a connection uses; all that is written arrives at once."""

    is_disconnected = False
    is_close_frame_sent = False
    close_handshake = None

    def __init__(self) -> None:
        self.underlying_transport = self
        self.arrived: list[bytes] = []
        self.close_code: CloseCode | None = None

    def write(self, data: bytes) -> None:
        self.arrived.append(data)

    def send_close(self, code: CloseCode, reason: bytes) -> None:
        self.close_code = code

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None) -> None: ...

    def get_extra_info(self, name: str) -> None:
        return None

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...


class Page:
    """Somebody's connection, and what they have of the document: kept over connections, as a page does."""

    def __init__(self, house: House, hub: Hub, member: Member, client: int, start: bytes, chance: random.Random) -> None:
        self.member = member
        self.client = client
        self.typist = Typist(client, start, chance)
        self.connection: Connection | None = None
        self.wire = Wire()
        self.sent: list[dict[int, int]] = []  # after each message of this connection: the clocks that `saved` vouches for
        self.whole = False  # a step 2 told the server all; before that, and where something was refused, `saved` vouches for no clock
        self.saved = 0
        self.durable: dict[int, int] = {}
        self.clock = 0
        self._house, self._hub = house, hub

    async def join(self) -> None:
        token = self._house.place.tokens.issue(self.member.room_id, self.member.id, self._house.clock.now_ms())
        self.wire, self.sent, self.saved, self.whole = Wire(), [], 0, False
        self.connection = Connection(self._hub, Asked(self.member.room_id, token, None, None, "localhost", True))
        self.connection.on_ws_connected(cast("WSTransport", self.wire))
        for _ in range(10_000):
            if self.wire.arrived or self.wire.close_code is not None:
                return
            await asyncio.sleep(0)
            await asyncio.to_thread(int)  # the store reads in threads
        raise AssertionError("nobody was let in")

    def leave(self) -> None:
        if self.connection is not None:
            self.connection.on_ws_disconnected(cast("WSTransport", self.wire))
            self.connection = None

    @property
    def here(self) -> bool:
        return self.connection is not None and self.wire.close_code is None

    def send(self, message: bytes) -> None:
        assert self.connection is not None
        self.connection.on_ws_frame(cast("WSTransport", self.wire), cast("WSFrame", Frame(message)))

    def send_edit(self, message: bytes) -> None:
        self.sent.append(dict(read_state_vector(self.typist.doc.get_state())) if self.whole else {})
        self.send(message)

    def hear(self, room: LiveRoom) -> None:
        """Read all that has come, and answer as y-protocols' clients do."""
        arrived, self.wire.arrived = self.wire.arrived, []
        for opcode, payload in frames(b"".join(arrived)):
            if opcode != 2:
                continue
            message = sync.decode(payload)
            match message.kind:
                case sync.Kind.STEP1:
                    if self.here:
                        self.whole = True
                        self.send_edit(sync.step2(self.typist.doc.get_update(message.payload)))
                        self.send(sync.step1(self.typist.doc.get_state()))
                case sync.Kind.STEP2 | sync.Kind.UPDATE:
                    self.typist.hear(message.payload)
                case sync.Kind.AWARENESS:
                    self._look_at(awareness.decode(message.payload, 1000), room)
                case sync.Kind.EVENT:
                    self._note(json.loads(message.payload))
                case _:
                    pass

    def told(self) -> list[bytes]:
        """What has come and was not read yet, but for events."""
        return [payload for opcode, payload in frames(b"".join(self.wire.arrived)) if opcode == 2 and payload[0] != 16]

    def _look_at(self, entries: Any, room: LiveRoom) -> None:
        """What is shown of others is under the names that the server knows."""
        names = {member.name for member in room.people()}
        for entry in entries:
            if entry.state != awareness.GONE:
                assert json.loads(entry.state)["user"]["name"] in names | {"Host", "Ada", "Lin", "Eve", "Vic"}

    def _note(self, event: dict[str, Any]) -> None:
        if event["type"] == "saved":
            assert self.saved <= event["count"] <= len(self.sent)
            self.saved = event["count"]
            if self.saved:
                self.durable = self.sent[self.saved - 1]


async def kept(house: House, room_id: str, folder: Path) -> Document:
    """What somebody finds who starts a server on a copy of the files as they are now: after kill -9."""

    def copy() -> None:
        folder.mkdir()
        for path in house.store.database.path.parent.glob("rooms.db*"):
            shutil.copy(path, folder)

    await house.store.database.on_writer(copy)  # between two commits
    store = SqlStore(f"sqlite:///{folder / 'rooms.db'}")
    await store.start()
    try:
        stored = await store.load(room_id)
        assert stored is not None
        return restore(stored, house.limits)
    finally:
        await store.stop()
        shutil.rmtree(folder)
