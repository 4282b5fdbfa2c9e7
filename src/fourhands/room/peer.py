"""Somebody's connection as the room sees it; `edge/ws` brings the real outbox."""

import itertools
from collections import deque
from typing import Protocol

from fourhands.model.room import Member
from fourhands.protocol.close import CloseCode

_numbers = itertools.count(1)


class Outbox(Protocol):
    def put(self, frame: bytes) -> None:
        """Owe the connection this WebSocket frame; frames leave in order. Closes it with 4508 when it is too slow."""
        ...

    def put_answer(self, frame: bytes) -> None:
        """Owe it a whole document: one at a time may be larger than what else may wait."""
        ...

    def close(self, code: CloseCode, reason: str) -> None:
        """Send what is owed, then close. Nothing can be put afterwards; closing twice is closing once."""
        ...


class Peer:
    """One connection in a room.

    Invariant: `owed` holds (count, ticket) pairs, both rising: the first `count` sync messages of this connection are
    durable once the journal has committed `ticket`.
    """

    __slots__ = ("announced", "clients", "events", "member", "number", "outbox", "owed", "received", "said")

    def __init__(self, member: Member, outbox: Outbox, *, events: bool) -> None:
        self.member = member
        self.outbox = outbox
        self.events = events  # speaks fourhands.v1
        self.number = next(_numbers)  # rises: which of two connections is newer
        self.announced = 0  # client ids that it has claimed so far
        self.clients: dict[int, int] = {}  # Yjs client ids that it owns -> what is added to their clocks
        self.received = 0  # sync messages of kind step 2 or update so far
        self.said = 0  # the last `saved`
        self.owed: deque[tuple[int, int]] = deque()
