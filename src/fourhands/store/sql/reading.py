"""Reading one room: its rows, and what the log alone has of it, as one journal. Used inside one transaction."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

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


class _Part(NamedTuple):
    """Some positions of a journal: its rows have those behind `after` up to `up_to` (none if they are the same), and the log
    alone has `held`, which follow."""

    after: int
    up_to: int
    held: Sequence[StoredEntry]


class Reading:
    """One state of a room. `room` may have ended: there is nothing else of it then.

    Whatever is asked for is a `_Part`: what its rows give, and behind it what the log gives.
    """

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
        part = self._part(max(0, after), max(0, after) + limit)
        where = self._connection, self._box, self.room.id, part.after, part.up_to
        rows = [*journal.edits(*where), *journal.others(*where)]
        _require_all(len(rows), part)
        return [*sorted(rows, key=_position), *part.held]

    def tail(self, kind: EntryKind, limit: int) -> Sequence[StoredEntry]:
        """The newest entries of one kind, oldest first."""
        if self.room.ended_at_ms is not None:
            return []
        held = [entry for entry in self._part(self._after, self.head).held if entry.kind is kind][-limit:]
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

    def _part(self, after: int, up_to: int) -> _Part:
        """Those positions, as far as there are so many. `after` is no less than 0."""
        up_to = min(up_to, self.head)
        start = max(after, self._after)
        held = self._entries[start - self._after : max(start, up_to) - self._after]
        stored = [StoredEntry(entry.kind, entry.payload, entry.at_ms, entry.member, position=position) for position, entry in enumerate(held, start + 1)]
        return _Part(after, max(after, min(up_to, self._after)), stored)

    def _edits(self, after: int, up_to: int) -> Edits:
        """Raises `Unavailable` if a position is missing: a room is never opened with less than it had."""
        part, box = self._part(after, up_to), self._box
        rows = journal.blocks_of(self._connection, self.room.id, part.after, part.up_to)
        updates = journal.updates(box, rows, part.after, part.up_to)
        _require_all(len(updates) + journal.count_others(self._connection, self.room.id, part.after, part.up_to), part)
        held = [entry for entry in part.held if entry.kind is EntryKind.EDIT]
        return Edits([*updates, *[entry.payload for entry in held]], lambda: [*journal.entries_of(box, rows, part.after, part.up_to), *held])

    def _before(self, after: int, up_to: int, at_ms: int) -> int:
        """The last position before the first entry later than that time; all up to `after` are not."""
        part = self._part(after, up_to)
        later = journal.first_later(self._connection, self._box, self.room.id, part.after, at_ms) if part.up_to > part.after else None
        if later is None or later > part.up_to:
            later = next((entry.position for entry in part.held if entry.at_ms > at_ms), up_to + 1)
        return later - 1


def _require_all(count: int, part: _Part) -> None:
    """Raises `Unavailable` unless the rows hold so many positions as they ought to."""
    if count != part.up_to - part.after:
        raise unavailable(f"{DAMAGED} (Between {part.after} and {part.up_to} positions of a room are missing.)")


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
