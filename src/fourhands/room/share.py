"""A room's way to the same room at other instances: what is said into it, in order. Made by `sharing.py`, used by whoever changes a room."""

from collections.abc import Collection, Sequence

import msgspec

from fourhands.bus.messages import Claims, Durable, Edit, Message, People, Said, Shows, Word
from fourhands.bus.port import Bus
from fourhands.model.room import Member
from fourhands.protocol import events
from fourhands.room.elsewhere import Elsewhere
from fourhands.room.outstanding import Outstanding
from fourhands.room.peer import Peer

RATE = "rate"
EARLY_MESSAGES = 10_000
"""What may come between subscribing and having loaded a room; past it, states are exchanged once more."""


class Counted(msgspec.Struct, array_like=True, frozen=True):
    """A member has done one of these, of which so many are let through in a minute."""

    member: str
    what: str
    most: int


class Share:
    """One room's.

    Invariant: `announced <= told`: the tickets up to which others know that our edits are durable, and up to which they have our edits.
    `gaps`: how often words of others may have been lost, in any room, before this one was entered; -1: some of this room's were.
    `early`: what came before the room was loaded, with who said it; None once it is.
    """

    __slots__ = ("announced", "bus", "early", "elsewhere", "gaps", "outstanding", "overrun", "room_id", "told", "unanswered")

    def __init__(self, bus: Bus, room_id: str, *, gaps: int = 0) -> None:
        self.bus = bus
        self.room_id = room_id
        self.gaps = gaps
        self.elsewhere = Elsewhere()
        self.outstanding = Outstanding()
        self.early: list[tuple[str, Message]] | None = []
        self.overrun = False  # more came early than is kept
        self.told = 0
        self.announced = 0
        self.unanswered: set[str] = set()  # instances that were asked for their state

    def ours(self, member_ids: Collection[str]) -> int:
        """How many of these, who are here, are counted at this instance."""
        return self.elsewhere.ours(self.bus.instance, member_ids)

    def say(self, topic: str, payload: bytes) -> None:
        """A word for those who hold the room elsewhere, in order with all else that happens in it."""
        self.bus.publish(self.room_id, Word(topic, payload))

    def count(self, member_id: str, what: str, most: int) -> None:
        """Somebody has done one of what may be done so often a minute: it counts wherever they are."""
        self.say(RATE, msgspec.json.encode(Counted(member_id, what, most)))

    def edit(self, edit: Edit) -> None:
        """Somebody's edit was taken here, and will be journaled here."""
        self.told = edit.ticket
        self.bus.publish(self.room_id, edit)

    def durable(self, ticket: int) -> None:
        """All edits up to that ticket are committed."""
        if self.told > self.announced:
            self.announced = min(ticket, self.told)
            self.bus.publish(self.room_id, Durable(ticket))

    def show(self, update: bytes) -> None:
        """People here show something: an awareness update."""
        self.bus.publish(self.room_id, Shows(update))

    def claim(self, clients: Sequence[int], peer: Peer) -> None:
        """A connection here shows what an older one of the same member showed elsewhere."""
        self.bus.publish(self.room_id, Claims(list(clients), peer.member.id, peer.since_ms))

    def people(self, connections: int, *, member: Member | None = None, left: str | None = None) -> None:
        """Somebody came here, or left."""
        self.bus.publish(self.room_id, People(connections, member, left))

    def said(self, message: events.ChatMessage) -> None:
        """A chat message is durable."""
        self.bus.publish(self.room_id, Said(msgspec.json.encode(message)))

    def keep_early(self, origin: str, messages: Sequence[Message]) -> None:
        """The room is not loaded yet."""
        if self.early is not None:
            self.overrun |= len(self.early) + len(messages) > EARLY_MESSAGES
            if not self.overrun:
                self.early += [(origin, message) for message in messages]
