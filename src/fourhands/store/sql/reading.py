"""Reading one room: its rows, and what the log alone has of it, as one journal. Used inside one transaction."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind, StoredEntry
from fourhands.model.room import Room
from fourhands.store.port import Edits, Stored
from fourhands.store.sealing import Box, Sealer
from fourhands.store.sql import journal, snapshots
from fourhands.store.sql.failures import DAMAGED, unavailable
from fourhands.store.sql.log import Held, written
from fourhands.store.sql.rooms import room_of
from fourhands.store.sql.tables import rooms


class Reading:
    """One state of a room. `room` may have ended: there is nothing else of it then."""

    def __init__(self, connection: Connection, box: Box, room: Room, after: int, entries: Sequence[Entry]) -> None:
        self.room = room
        self.head = after + len(entries)
        self._connection = connection
        self._box = box
        self._after = after  # the last position in rows
        self._entries = entries

    def load(self) -> Stored | None:
        """Its newest snapshot and the edits after it."""
        return self.seek(None, None)

    def seek(self, position: int | None, at_ms: int | None) -> Stored | None:
        """As it stood at a position, and before anything that is later than a time."""
        if self.room.ended_at_ms is not None:
            return None
        up_to = self.head if position is None else max(0, min(position, self.head))
        snapshot = snapshots.newest(self._connection, self._box, self.room.id, position=up_to, at_ms=at_ms)
        after = 0 if snapshot is None else snapshot.position
        if at_ms is not None:
            up_to = self._before(after, up_to, at_ms)
        return Stored(self.room, up_to, snapshot, self._edits(after, up_to))

    def entries(self, after: int, limit: int) -> Sequence[StoredEntry]:
        """The next entries of all kinds."""
        if self.room.ended_at_ms is not None or limit < 1:
            return []
        after = max(0, after)
        up_to = min(self.head, after + limit)
        found = journal.edits(self._connection, self._box, self.room.id, after, up_to) + journal.others(self._connection, self._box, self.room.id, after, up_to)
        self._require_all(len(found), after, up_to)
        return [*sorted(found, key=_position), *self._held(after, up_to)]

    def tail(self, kind: EntryKind, limit: int) -> Sequence[StoredEntry]:
        """The newest entries of one kind, oldest first."""
        if self.room.ended_at_ms is not None:
            return []
        held = [entry for entry in self._held(self._after, self.head) if entry.kind is kind][-limit:]
        more = limit - len(held)
        return [*(journal.tail(self._connection, self._box, self.room.id, kind, more) if more else []), *held]

    def faults(self) -> Sequence[str]:
        """What is wrong with its rows, a sentence each: gaps, and what cannot be read."""
        found: list[str] = []
        if self.room.ended_at_ms is not None:
            return found
        expected = 1
        for first, last in sorted([*journal.spans(self._connection, self.room.id), *((p, p) for p in journal.places(self._connection, self.room.id))]):
            if first != expected:
                found.append(f"Position {expected} does not follow the one before: {first} does.")
            expected = last + 1
        if expected != self._after + 1:
            found.append(f"The rows end at position {expected - 1}, not at {self._after}.")
        for first, last in journal.spans(self._connection, self.room.id):
            try:
                journal.edits(self._connection, self._box, self.room.id, first - 1, last)
            except Unavailable as error:
                found.append(str(error))
        try:
            journal.others(self._connection, self._box, self.room.id, 0, self._after)
        except (Unavailable, ValueError) as error:
            found.append(f"An entry that is no edit cannot be read: {error}")
        for position in snapshots.places(self._connection, self.room.id):
            try:
                snapshots.newest(self._connection, self._box, self.room.id, position=position)
            except Unavailable as error:
                found.append(str(error))
            if position > self.head:
                found.append(f"The snapshot at position {position} is ahead of the journal, which ends at {self.head}.")
        return found

    def _edits(self, after: int, up_to: int) -> Edits:
        """Raises `Unavailable` if a position is missing: a room is never opened with less than it had."""
        box, in_rows = self._box, min(up_to, self._after)
        rows = journal.blocks_of(self._connection, self.room.id, after, in_rows)
        updates = journal.updates(box, rows, after, in_rows)
        self._require_all(len(updates) + journal.count_others(self._connection, self.room.id, after, in_rows), after, up_to)
        held = [entry for entry in self._held(after, up_to) if entry.kind is EntryKind.EDIT]
        return Edits([*updates, *[entry.payload for entry in held]], lambda: [*journal.entries_of(box, rows, after, in_rows), *held])

    def _require_all(self, count: int, after: int, up_to: int) -> None:
        """Raises `Unavailable` unless the rows hold so many positions as they ought to."""
        if count != max(0, min(up_to, self._after) - after):
            raise unavailable(f"{DAMAGED} (Between {after} and {min(up_to, self._after)} positions of a room are missing.)")

    def _held(self, after: int, up_to: int) -> list[StoredEntry]:
        start = max(0, after - self._after)
        return [
            StoredEntry(entry.kind, entry.payload, entry.at_ms, entry.member, position=position)
            for position, entry in enumerate(self._entries[start : max(0, up_to - self._after)], self._after + start + 1)
        ]

    def _before(self, after: int, up_to: int, at_ms: int) -> int:
        """The last position before the first entry later than that time; all up to `after` are not."""
        later = journal.first_later(self._connection, self._box, self.room.id, after, at_ms) if after < self._after else None
        if later is None:
            start = max(0, after - self._after)
            later = next((position for position, entry in enumerate(self._entries[start:], self._after + start + 1) if entry.at_ms > at_ms), up_to + 1)
        return min(later - 1, up_to)


def _position(entry: StoredEntry) -> int:
    return entry.position


def read_room(connection: Connection, sealer: Sealer, room_id: str, held: Held | None, *, beside: bool) -> Reading | None:
    """The room; None if there is none. `held`: what the log in memory has of it; `beside` another process: what its log has on disk."""
    row = connection.execute(select(rooms).where(rooms.c.id == room_id)).one_or_none()
    if row is None:
        return None
    room, box = room_of(row, sealer), sealer.box(room_id, row.key)
    entries: Sequence[Entry] = ()
    if held is not None:
        room = replace(room, last_used_at_ms=max(room.last_used_at_ms, held.room.used_at_ms))
        entries = held.entries[max(0, row.head - held.after) :]
    elif beside:
        entries = [entry for _, _, first, some in written(connection, sealer, room_id) for entry in some[max(0, row.head + 1 - first) :]]
    return Reading(connection, box, room, row.head, entries)
