"""What the journal holds: one append-only order of entries per room."""

from dataclasses import dataclass
from enum import StrEnum


class EntryKind(StrEnum):
    EDITS = "edits"  # payload: protocol.edits, the updates of one commit with their authors and times
    CHAT = "chat"  # payload: JSON of protocol.events.ChatMessage
    RUN = "run"  # payload: JSON of protocol.events.Run, whole, once it ended
    MEMBER = "member"  # payload: JSON {"change": "joined" | "changed", "member": ...}
    CLIENT = "client"  # payload: JSON {"client": Yjs client id, "member": member id}: who an edit is by
    ROOM = "room"  # payload: JSON {"change": "language" | "settings" ..., "member": id or null, ...}


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to be journaled. `at_ms`: milliseconds since the epoch (UTC)."""

    kind: EntryKind
    payload: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class StoredEntry(Entry):
    """An entry that the journal holds; `position` orders a room's entries and starts at 1."""

    position: int
