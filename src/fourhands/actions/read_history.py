"""What happened in a room, entry by entry, and its texts as they stood at any time; for its members.

Both come from the store alone: nothing is told that is not durable, and reading loads no room into memory.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from fourhands.actions.join_room import reader_of
from fourhands.actions.place import Place
from fourhands.errors import Gone, InvalidRequest, Unavailable
from fourhands.model.entry import EntryKind, StoredEntry
from fourhands.model.limits import Limits
from fourhands.model.room import File
from fourhands.protocol.events import chat_message
from fourhands.room.restoring import restore
from fourhands.room.snapshotting import MANY_EDITS
from fourhands.store.port import Stored

FIRST_STEP = 64
"""Entries asked for at first, and twice as many each time: an entry may have many megabytes, most have few bytes."""


@dataclass(frozen=True, slots=True)
class Events:
    """A stretch of a journal. `next_after`: from where to read on; None where the journal ends for now."""

    entries: Sequence[StoredEntry]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """The texts of a room's files behind the entry at `position`; 0 if there was none yet."""

    position: int
    files: Sequence[tuple[File, str]]


async def read_history(place: Place, room_id: str, member_id: str | None, *, after: int, limit: int) -> Events:
    """At most `limit` entries behind the position `after`, and not many more bytes than one answer may have.

    Raises `NotFound`, `Gone`, `Unauthenticated`, `Forbidden`.
    """
    await reader_of(place, room_id, member_id)
    entries: list[StoredEntry] = []
    size, step = 0, FIRST_STEP
    while len(entries) < limit:
        wanted = min(step, limit - len(entries))
        found = await place.store.entries(room_id, after, wanted)
        for entry in found:
            if entries and size + len(entry.payload) > place.limits.history_bytes:
                return Events(entries, after)
            entries.append(entry)
            after, size = entry.position, size + len(entry.payload)
        if len(found) < wanted:
            return Events(entries, None)
        step *= 2
    return Events(entries, after)


def told(entry: StoredEntry) -> dict[str, object]:
    """An entry as msgspec writes it for whoever reads a room's history, over HTTP or in an export: bytes as base64. Raises `Unavailable`."""
    match entry.kind:
        case EntryKind.EDIT:
            data: object = {"update": entry.payload}
        case EntryKind.CHAT:
            try:
                data = chat_message(entry.payload, entry.position)
            except msgspec.MsgspecError as error:
                raise Unavailable(
                    f"The chat message at position {entry.position} cannot be read: this database is damaged. Restore a backup.", "database"
                ) from error
        case _:
            data = msgspec.Raw(entry.payload)
    return {"position": entry.position, "kind": entry.kind.value, "at": entry.at_ms, "member": entry.member or None, "data": data}


async def seek_history(place: Place, room_id: str, member_id: str | None, *, at_ms: int) -> Standing:
    """The texts as they stood at that time; those of now for a time to come.

    Raises `InvalidRequest` for a time before the room was opened, `NotFound`, `Gone`, `Unauthenticated`, `Forbidden`, and
    `LimitExceeded` for a member who waits for other such answers.
    """
    await reader_of(place, room_id, member_id)
    room = await place.registry.room_for(room_id)
    if at_ms < room.created_at_ms:
        opened = datetime.fromtimestamp(room.created_at_ms / 1000, UTC).isoformat(timespec="milliseconds")
        raise InvalidRequest(f"This room was opened at {opened} ({room.created_at_ms}): there is nothing before that.")
    async with place.seeks.turn(room_id, member_id or ""):
        stored = await place.store.seek(room_id, at_ms=min(at_ms, LAST_MS))
        if stored is None:
            raise Gone("This room has ended.")
        if len(stored.edits) > MANY_EDITS:
            place.registry.checkpoints.ask(room_id)  # the next one goes back at once
        return await asyncio.to_thread(_standing, stored, place.limits)


LAST_MS = (1 << 53) - 1
"""What a JavaScript number holds exactly; databases hold more."""


def _standing(stored: Stored, limits: Limits) -> Standing:
    """In a thread of its own: what is long ago may take many edits to rebuild."""
    document = restore(stored, limits)
    return Standing(stored.head, [(file, document.text(file.id)) for file in document.files()])
