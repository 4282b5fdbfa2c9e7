"""What one connection is sent: a stand-in for its outbox, and a reader of what came."""

import json
from typing import Any

from fourhands.model.role import Role
from fourhands.model.room import Member
from fourhands.protocol import sync
from fourhands.protocol.awareness import Entry, decode
from fourhands.protocol.close import CloseCode
from fourhands.room.peer import Peer

ROOM = "k7f3-9q2m-x4tz"


def somebody(name: str, role: Role = Role.EDITOR, *, joined_at_ms: int = 1) -> Member:
    return Member(name.lower(), ROOM, name, "#1d4ed8", role, joined_at_ms)


class Screen:
    """Implements `room.peer.Outbox`; `messages` are what a client would have read so far."""

    def __init__(self) -> None:
        self.messages: list[sync.Message] = []
        self.closed: tuple[CloseCode, str] | None = None

    def put(self, frame: bytes) -> None:
        if self.closed is None:
            self.messages.append(sync.decode(_payload(frame)))

    put_answer = put

    def close(self, code: CloseCode, reason: str) -> None:
        self.closed = self.closed or (code, reason)

    def take(self) -> list[sync.Message]:
        """What came since the last time."""
        messages, self.messages = self.messages, []
        return messages

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The events among what came so far (all of them, or of one type)."""
        found = [json.loads(message.payload) for message in self.messages if message.kind is sync.Kind.EVENT]
        return [event for event in found if kind in (None, event["type"])]

    def edits(self) -> list[bytes]:
        """Updates and step 2s among what came so far."""
        return [message.payload for message in self.messages if message.kind in (sync.Kind.UPDATE, sync.Kind.STEP2)]

    def presence(self) -> list[Entry]:
        """All awareness entries among what came so far, in order."""
        return [entry for message in self.messages if message.kind is sync.Kind.AWARENESS for entry in decode(message.payload, 1000)]

    @property
    def saved(self) -> list[int]:
        """Every `saved` so far."""
        return [event["count"] for event in self.events("saved")]


def _payload(frame: bytes) -> bytes:
    """What is inside one of our own (final, unmasked, binary) WebSocket frames."""
    start = {126: 4, 127: 10}.get(frame[1], 2)
    return frame[start:]


def connect(member: Member, *, events: bool = True) -> tuple[Peer, Screen]:
    screen = Screen()
    return Peer(member, screen, events=events), screen
