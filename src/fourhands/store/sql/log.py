"""The log: what was committed and does not yet stand in its rooms' own rows, on disk and in memory.

    commit ──> one row of the log, one sync ──> memory ──fold, every few seconds──> rows of rooms ──> rows of the log go
                                                             start: what rows of rooms do not have yet ──┘

A commit so costs the same whatever the number of rooms. All but `held` is called in the writer's thread, whose one
connection is the only one that writes: what is known here of a room in use is true without asking the database.

A row: msgpack [[room id, position of the first entry, [entry, ...]], ...], where a room with a key has bytes for its
entries, the msgpack of them sealed. A position of 0 instead says that the room was deleted, and that rows before this
one mean another room of that id.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry
from fourhands.store.port import Committed
from fourhands.store.sealing import PLAIN, Box, Sealer
from fourhands.store.sql.failures import DAMAGED, unavailable
from fourhands.store.sql.tables import log, rooms

DELETED = 0
_encode = msgspec.msgpack.encode
_ROWS = msgspec.msgpack.Decoder(list[tuple[str, int, bytes | list[Entry]]])
_ENTRIES = msgspec.msgpack.Decoder(list[Entry])
_FIND = "SELECT head, key, last_used_at_ms FROM rooms WHERE id = ? AND ended_at_ms IS NULL"
_APPEND = "INSERT INTO log (id, payload) VALUES (?, ?)"


class Held(NamedTuple):
    """What the log alone has of a room: `entries` follow the position `after`."""

    room: "OpenRoom"
    after: int
    entries: Sequence[Entry]


class OpenRoom:
    """A room that is written to.

    Invariant: `entries` are those that its rows do not have, and end with the position `head`.
    """

    __slots__ = ("box", "bytes", "entries", "head", "id", "used_at_ms")

    def __init__(self, room_id: str, head: int, box: Box, used_at_ms: int) -> None:
        self.id = room_id
        self.head = head
        self.box = box
        self.used_at_ms = used_at_ms
        self.entries: list[Entry] = []
        self.bytes = 0


class Log:
    """The rooms in use and what is still to be folded. `limit_bytes`: more than that is not taken in, if folding fails for long."""

    def __init__(self, sealer: Sealer, limit_bytes: int) -> None:
        self._sealer = sealer
        self._limit_bytes = limit_bytes
        self._rooms: dict[str, OpenRoom] = {}
        self._lock = Lock()  # readers' threads look at entries while the writer's adds and folds
        self._bytes = 0
        self._last_id = 0  # ours, and never used twice: the database would begin at 1 again once a fold has emptied the table

    # ---- any thread --------------------------------------------------------------------------------------------------

    def held(self, room_id: str) -> Held | None:
        """What a reader of the room's rows has to add to them; asked for before they are read, so that nothing lies between."""
        with self._lock:
            room = self._rooms.get(room_id)
            return None if room is None else Held(room, room.head - len(room.entries), room.entries[:])

    def is_current(self, held: Held | None, room_id: str) -> bool:
        """Whether the room was not deleted since, and perhaps made anew."""
        room = self._rooms.get(room_id)
        return held is None or room is None or held.room is room

    def was_used(self, room_id: str, since_ms: int) -> bool:
        """Whether the log alone says that the room was used since."""
        room = self._rooms.get(room_id)
        return room is not None and room.used_at_ms >= since_ms

    @property
    def waiting_bytes(self) -> int:
        """Payload bytes that are not folded yet."""
        return self._bytes

    # ---- the writer's thread -----------------------------------------------------------------------------------------

    def commit(self, driver: sqlite3.Connection, batches: Mapping[str, Sequence[Entry]]) -> Committed:
        """Append to the log: durable when this returns, and only then known here; nothing happened if it raised."""
        rooms = self._rooms
        heads: dict[str, int] = {}
        taken: list[tuple[OpenRoom, Sequence[Entry]]] = []
        parts: list[tuple[str, int, bytes | Sequence[Entry]]] = []
        for room_id, entries in batches.items():
            room = rooms.get(room_id) or self._find(driver, room_id)
            if room is None:
                continue
            first = room.head + 1
            heads[room_id] = room.head + len(entries)
            if entries:
                taken.append((room, entries))
                parts.append((room_id, first, entries if room.box is PLAIN else room.box.seal("log", first, _encode(entries))))
        if parts:
            if self._bytes > self._limit_bytes:
                raise unavailable("The journal's log is full, because it could not be folded for a while. Nothing was written; it is tried again.")
            self._append(driver, _encode(parts))
        with self._lock:
            for room, entries in taken:
                self._take(room, entries)
        return Committed(heads, frozenset(batches.keys() - heads.keys()) if len(heads) < len(batches) else frozenset())

    def deleted(self, connection: Connection, room_id: str) -> None:
        """Inside the transaction that deletes a room: what the log has of it is not for a later room of that id."""
        if connection.execute(select(func.count()).select_from(log)).scalar_one():
            self._last_id += 1
            connection.execute(insert(log).values(id=self._last_id, payload=_encode([(room_id, DELETED, b"")])))

    def forget(self, room_id: str) -> None:
        """After a room was ended or deleted: it is asked for again, and not found."""
        with self._lock:
            room = self._rooms.pop(room_id, None)
            if room is not None:
                self._bytes -= room.bytes

    def is_open(self, room: OpenRoom) -> bool:
        """Whether it was not ended or deleted since."""
        return self._rooms.get(room.id) is room

    def mark(self) -> int:
        """The log's last row as it is now."""
        return self._last_id

    def unfolded(self) -> Sequence[OpenRoom]:
        """Rooms with something to fold; those without are not kept in memory any longer."""
        with self._lock:
            idle = [room_id for room_id, room in self._rooms.items() if not room.entries]
            for room_id in idle:
                del self._rooms[room_id]
            return list(self._rooms.values())

    def folded(self, room: OpenRoom, count: int) -> None:
        """After the transaction that wrote a room's first `count` entries into its rows."""
        with self._lock:
            size = sum([len(entry.payload) for entry in room.entries[:count]])
            del room.entries[:count]
            room.bytes -= size
            if self._rooms.get(room.id) is room:
                self._bytes -= size

    def remove(self, connection: Connection, up_to: int, most: int) -> bool:
        """Remove at most so many rows up to that mark, which are all folded; whether there are more."""
        ids = connection.execute(select(log.c.id).where(log.c.id <= up_to).order_by(log.c.id).limit(most)).scalars().all()
        if ids:
            connection.execute(delete(log).where(log.c.id <= ids[-1]))
        return len(ids) == most

    def recover(self, connection: Connection) -> None:
        """At the start: take from the log into memory what its rooms' rows do not have. Raises `Unavailable` if it is damaged."""
        self._rooms, self._bytes, self._last_id = {}, 0, 0
        for row_id, room_id, first, entries in written(connection, self._sealer):
            self._last_id = row_id
            room = self._rooms.get(room_id)
            if room is None:
                row = connection.execute(select(rooms.c.head, rooms.c.key, rooms.c.last_used_at_ms).where(rooms.c.id == room_id)).one()
                room = self._rooms[room_id] = OpenRoom(room_id, row.head, self._sealer.box(room_id, row.key), row.last_used_at_ms)
            if first > room.head + 1:
                raise unavailable(f"{DAMAGED} (A part of the journal's log is missing.)")
            self._take(room, entries[room.head + 1 - first :])
        self._last_id = connection.execute(select(func.max(log.c.id))).scalar_one() or 0

    def _take(self, room: OpenRoom, entries: Sequence[Entry]) -> None:
        size = 0
        for entry in entries:
            size += len(entry.payload)
            if entry.at_ms > room.used_at_ms:  # noqa: PLR1730 - for every edit
                room.used_at_ms = entry.at_ms
        room.entries += entries
        room.head += len(entries)
        room.bytes += size
        self._bytes += size
        self._rooms[room.id] = room

    def _find(self, driver: sqlite3.Connection, room_id: str) -> OpenRoom | None:
        """The room as its row says; None if it is not there or has ended."""
        row = driver.execute(_FIND, (room_id,)).fetchone()
        return None if row is None else OpenRoom(room_id, row[0], self._sealer.box(room_id, row[1]), row[2])

    def _append(self, driver: sqlite3.Connection, payload: bytes) -> None:
        """One statement is a transaction of its own: one call into SQLite, which lets go of Python's lock and takes it again."""
        driver.execute(_APPEND, (self._last_id + 1, payload))
        self._last_id += 1


def written(connection: Connection, sealer: Sealer, room_id: str | None = None) -> Iterator[tuple[int, str, int, list[Entry]]]:
    """What the log holds for rooms that are there and open (of that id), in order: row, room, first position, entries.

    Raises `Unavailable` if it is damaged.
    """
    try:
        rows = [(row.id, _ROWS.decode(row.payload)) for row in connection.execute(select(log).order_by(log.c.id))]
        names = {name for _, parts in rows for name, _, _ in parts if room_id in {None, name}}
        open_room = select(rooms.c.key).where(rooms.c.id == bindparam("name"), rooms.c.ended_at_ms.is_(None))
        found = {name: connection.execute(open_room, {"name": name}).one_or_none() for name in names}
        there = {name: row.key for name, row in found.items() if row is not None}
        deleted = {name: row_id for row_id, parts in rows for name, first, _ in parts if first == DELETED}
        for row_id, parts in rows:
            for name, first, sealed in parts:
                if first != DELETED and name in there and row_id > deleted.get(name, 0):
                    held = sealed if isinstance(sealed, bytes) else _encode(sealed)  # the box says whether it may be plain
                    yield row_id, name, first, _ENTRIES.decode(sealer.box(name, there[name]).open("log", first, held))
    except msgspec.MsgspecError as error:
        raise Unavailable(f"{DAMAGED} (The journal's log cannot be read.)", "database") from error
