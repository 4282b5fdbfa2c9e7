"""What the journal holds: one append-only order of entries per room."""

from enum import StrEnum

from msgspec import Struct


class EntryKind(StrEnum):
    EDIT = "edit"  # payload: a Yjs v1 update; member: whose connection sent it
    CHAT = "chat"  # payload: JSON of protocol.events.ChatMessage
    RUN = "run"  # payload: JSON of protocol.events.Run, whole, once it ended
    MEMBER = "member"  # payload: JSON {"change": "joined" | "changed", "member": ...}
    CLIENT = "client"  # payload: JSON {"client": Yjs client id, "member": member id}: who an edit is by
    ROOM = "room"  # payload: JSON {"change": "language" | "settings" ..., "member": id or null, ...}


class Entry(Struct, array_like=True, frozen=True, gc=False):
    """Something to be journaled. `at_ms`: milliseconds since the epoch (UTC); `member`: who did it, empty if nobody is named.

    One is made for every keystroke, hence a struct: made in C, passed over by the collector, encoded as an array.
    """

    kind: EntryKind
    payload: bytes
    at_ms: int
    member: str = ""


class StoredEntry(Entry, array_like=True, frozen=True, gc=False, kw_only=True):
    """An entry that the journal holds; `position` orders a room's entries: 1, 2, 3 and so on, for good."""

    position: int
