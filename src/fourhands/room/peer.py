"""Somebody's connection as the room sees it; `edge/ws` brings the real outbox."""

import itertools
from typing import Protocol

import msgspec

from fourhands.access.may import Verb, may
from fourhands.model.room import Member, Room
from fourhands.protocol.awareness import Entry
from fourhands.protocol.close import CloseCode
from fourhands.protocol.varint import write_varuint

_numbers = itertools.count(1)


class Put(Protocol):
    def __call__(self, frame: bytes, /) -> object: ...


class Outbox(Protocol):
    @property
    def put(self) -> Put:
        """Owe the connection this WebSocket frame; frames leave in order. Closes it with 4508 when it is too slow.
        Asked for anew for each frame: it is another one at times."""
        ...

    def put_answer(self, frame: bytes) -> None:
        """Owe it a whole document: one at a time may be larger than what else may wait."""
        ...

    def close(self, code: CloseCode, reason: str) -> None:
        """Send what is owed, then close. Nothing can be put afterwards; closing twice is closing once."""
        ...


class Cursor:
    """What one Yjs client shows of itself: its newest awareness state, as others are told it.

    `lift` is added to the client's own clock. Invariant: the owner's `clients` has it.
    """

    __slots__ = ("client", "clock", "lift", "owner", "start", "state")

    def __init__(self, owner: "Peer", client: int, clock: int, lift: int, state: bytes) -> None:
        self.owner = owner
        self.client = client
        self.clock = clock
        self.lift = lift
        self.state = state
        self.start = b"\x01" + write_varuint(client)  # how an awareness update about it alone begins

    @property
    def entry(self) -> Entry:
        return Entry(self.client, self.clock, self.state)


class Peer:
    """One connection in a room.

    Invariant: `owed` holds (count, ticket) pairs, both rising: the first `count` sync messages of this connection are
    durable once the journal has committed `ticket`. `author`, `may_edit` and `user` follow `member`, `may_edit` the room too.
    `address`: where the connection comes from, empty where that is not known; `since_ms`: when it came.
    """

    __slots__ = (
        "_member", "address", "announced", "author", "clients", "events", "held", "latest", "may_edit", "number", "outbox", "owed",
        "received", "said", "since_ms", "spoke", "user",
    )  # fmt: skip

    def __init__(self, member: Member, outbox: Outbox, *, events: bool, address: str = "", since_ms: int = 0) -> None:
        self.member = member
        self.outbox = outbox
        self.address = address
        self.since_ms = since_ms
        self.events = events  # speaks fourhands.v1
        self.number = next(_numbers)  # rises: which of two connections is newer
        self.spoke = False  # has said something about presence
        self.announced = 0  # client ids that it has claimed so far
        self.clients: dict[int, Cursor] = {}  # Yjs client ids that it owns
        self.latest: Cursor | None = None  # of those, the one that spoke last
        self.held: list[bytes] | None = None  # frames for the others, while more of what came with them is being read
        self.received = 0  # sync messages of kind step 2 or update so far
        self.said = 0  # the last `saved`
        self.owed: list[tuple[int, int]] = []

    @property
    def member(self) -> Member:
        return self._member

    @property
    def account_id(self) -> str | None:
        """Whose it is at this moment: somebody may log in while they are here."""
        return self._member.account_id

    @member.setter
    def member(self, member: Member) -> None:
        self.stand(member, None)

    def stand(self, member: Member, room: Room | None) -> bool:
        """Who they are now, in the room as it is now; whether they may edit since then."""
        could = getattr(self, "may_edit", False)
        self._member = member
        self.author = member.id
        self.may_edit = may(member, Verb.EDIT, room)
        self.user: msgspec.Raw | None = None  # what presence says about the member, as JSON, once it was needed
        return self.may_edit and not could
