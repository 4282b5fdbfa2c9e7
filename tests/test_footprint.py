"""What a room and a connection take of memory while nobody types: counted byte by byte, so that no field makes ten thousand of them heavy unseen.

`make bench ARGS="many"` measures the whole.
"""

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from fourhands.actions.place import Place
from fourhands.edge.ws.connection import Connection
from fourhands.edge.ws.door import Asked
from fourhands.edge.ws.hub import Hub
from fourhands.edge.ws.outbox import ConnectionOutbox
from fourhands.model.people import clean_color
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Member, Room
from fourhands.room.document import Document
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer
from tests.actions.conftest import house
from tests.house import House

__all__ = ["house", "place"]

COUNT = 200
ROOM_BYTES = 2_400
CONNECTION_BYTES = 1_450
"""A tenth more than they take with Python 3.11; uvloop and picows take some 7,000 for a connection."""


class Wire:
    """A transport that takes nothing of its own."""

    __slots__ = ()

    def set_write_buffer_limits(self, high: int | None = None) -> None: ...
    def write(self, data: bytes) -> None: ...
    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None: ...
    def abort(self) -> None: ...
    def get_extra_info(self, name: str) -> Any: ...
    def say_close(self, code: int, reason: bytes) -> None: ...


@pytest.fixture
def place(house: House) -> Place:
    return house.place


def bytes_each(make: Callable[[int], object]) -> float:
    for number in range(3):
        make(number)  # what the first one makes for all
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = [make(number) for number in range(1000, 1000 + COUNT)]
        return (tracemalloc.get_traced_memory()[0] - before) / len(kept)
    finally:
        tracemalloc.stop()


def a_room(house: House, number: int) -> LiveRoom:
    room = Room(f"room-{number}", "", "plaintext", GuestRole.EDITOR, False, f"{number:016x}", number, number)
    return LiveRoom(room, Document(house.limits), house.journal, house.clock, house.limits)


async def test_a_room_that_nobody_has_written_in_is_small(house: House) -> None:
    size = bytes_each(lambda number: a_room(house, number))
    assert size < ROOM_BYTES, size


async def test_a_connection_that_says_nothing_is_small(house: House, place: Place) -> None:
    hub = Hub(place, root_path="", own_origin=None, allowed_origins=())
    rooms = [a_room(house, number) for number in range(COUNT)]

    def connect(number: int) -> object:
        room = rooms[number % COUNT]
        asked = Asked(room.room.id, None, None, None, "127.0.0.1", events=False, address=f"198.51.100.{number}")
        connection, wire = Connection(hub, asked), Wire()
        connection._asked = None  # as after admission
        outbox = ConnectionOutbox(wire, wire.say_close, 1 << 20, hub.loop, room.room.id)
        member = Member(f"guest-{number}", room.room.id, f"Guest {number}", clean_color(None, number), Role.EDITOR, number)
        peer = Peer(member, outbox, events=False, address=asked.address, since_ms=number)
        room.join(peer)
        hub.add(connection)
        return connection, peer

    size = bytes_each(connect)
    assert size < CONNECTION_BYTES, size
