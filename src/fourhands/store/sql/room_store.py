"""The part of a store that is the same on every SQL database: rooms, and what is read of them. `store` is it on SQLite, `postgres_store` on PostgreSQL.

Every method is described in `store.port.Store`.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar, Unpack

from sqlalchemy import Connection, select

from fourhands.model.entry import Entry, EntryKind, StoredEntry
from fourhands.model.execution import Execution
from fourhands.model.room import Invite, Member, Room
from fourhands.store.port import RoomChanges, Stored
from fourhands.store.snapshots import Snapshot, Stretch
from fourhands.store.sql import compaction, executions, invitations, journal, keys, members, rooms, snapshots, tables
from fourhands.store.sql.log import Held
from fourhands.store.sql.people import People, given
from fourhands.store.sql.reading import Reading

Result = TypeVar("Result")


class RoomStore(People):
    """What is left to an adapter: how a room is read, how it is written to and erased, and the database as a whole."""

    @abstractmethod
    async def _read(self, room_id: str, read: Callable[[Reading], Result]) -> Result | None:
        """One state of a room; None if there is no such room."""

    def _held(self, room_id: str) -> Held | None:
        """What is durable of a room and no row yet."""
        del room_id
        return None

    async def create_room(self, room: Room, host: Member | None, invites: Sequence[Invite], first: Sequence[Entry]) -> None:
        def add(connection: Connection) -> None:
            box = rooms.add(connection, self._sealer, room, len(first))
            if host is not None:
                members.add(connection, self._sealer, host)
            invitations.add(connection, box, invites)
            journal.write(connection, journal.rows_of(room.id, box, 0, first))

        await self.database.write(add, clash="There is already a room with this id.")

    async def room(self, room_id: str) -> Room | None:
        return await self._read(room_id, lambda reading: reading.room)

    async def change_room(self, room_id: str, **changes: Unpack[RoomChanges]) -> Room:
        return await self.database.write(lambda connection: rooms.change(connection, self._sealer, room_id, given(changes)))

    async def touch_rooms(self, used_at_ms: Mapping[str, int]) -> None:
        await self.database.write(lambda connection: rooms.touch(connection, used_at_ms))

    async def close_room(self, room_id: str, at_ms: int) -> None:
        await self.database.write(lambda connection: rooms.shut(connection, room_id, at_ms))

    async def expired_rooms(self, now_ms: int, limit: int) -> Sequence[str]:
        return await self.database.read(lambda connection: rooms.expired(connection, now_ms, limit))

    async def left_rooms(self, after: str, limit: int) -> Sequence[str]:
        return await self.database.read(lambda connection: rooms.left(connection, after, limit))

    async def add_executions(self, ended: Sequence[Execution]) -> None:
        await self.database.write(lambda connection: executions.add(connection, ended))

    async def forget_executions(self, before_ms: int, limit: int) -> int:
        return await self.database.write(partial(executions.forget, before_ms=before_ms, limit=limit))

    async def load(self, room_id: str) -> Stored | None:
        return await self._read(room_id, lambda reading: reading.load())

    async def seek(self, room_id: str, *, position: int | None = None, at_ms: int | None = None) -> Stored | None:
        return await self._read(room_id, lambda reading: reading.seek(position, at_ms))

    async def entries(self, room_id: str, after: int, limit: int) -> Sequence[StoredEntry]:
        return await self._read(room_id, lambda reading: reading.entries(after, limit)) or []

    async def tail(self, room_id: str, kind: EntryKind, limit: int) -> Sequence[StoredEntry]:
        return await self._read(room_id, lambda reading: reading.tail(kind, limit)) or []

    async def base(self, room_id: str) -> Snapshot | None:
        def find(connection: Connection) -> Snapshot | None:
            box = rooms.box_of(connection, self._sealer, room_id)
            return None if box is None else snapshots.base(connection, box, room_id)

        return await self.database.read(find)

    async def write_snapshot(self, room_id: str, snapshot: Snapshot, *, epoch: str | None = None) -> None:
        def prepare(connection: Connection) -> tuple[bytes | None, bytes]:
            key = connection.execute(select(tables.rooms.c.key).where(tables.rooms.c.id == room_id)).scalar_one_or_none()
            return key, self._sealer.box(room_id, key).seal("snapshot", snapshot.position, snapshots.squeeze(snapshot))

        key, state = await self.database.read(prepare)  # beside the writer: no commit waits until it is compressed

        def keep(connection: Connection) -> None:
            held = self._held(room_id)
            if snapshots.require_past(connection, room_id, snapshot.position, None if held is None else held.after + len(held.entries)):
                row = connection.execute(select(tables.rooms.c.key, tables.rooms.c.epoch).where(tables.rooms.c.id == room_id)).one()
                if row.key != key or epoch not in {None, row.epoch}:
                    return  # another room of that id meanwhile, or it was rewritten
                until_ms = max([entry.at_ms for entry in held.entries[: snapshot.position - held.after]], default=0) if held is not None else 0
                snapshots.write(connection, room_id, snapshot, state, until_ms)

        await self.database.write(keep)

    async def stretches(self, room_id: str) -> Sequence[Stretch]:
        def find(connection: Connection) -> Sequence[Stretch]:
            row = connection.execute(select(tables.rooms.c.head, tables.rooms.c.epoch).where(tables.rooms.c.id == room_id)).one_or_none()
            return [] if row is None else snapshots.stretches(connection, room_id, row.epoch, row.head)

        return await self.database.read(find)

    async def add_snapshot(self, room_id: str, epoch: str, snapshot: Snapshot) -> bool:
        there = select(tables.rooms.c.key).where(tables.rooms.c.id == room_id, tables.rooms.c.epoch == epoch, tables.rooms.c.ended_at_ms.is_(None))

        def prepare(connection: Connection) -> bytes | None:
            row = connection.execute(there).one_or_none()
            return None if row is None else self._sealer.box(room_id, row.key).seal("snapshot", snapshot.position, snapshots.squeeze(snapshot))

        if (state := await self.database.read(prepare)) is None:
            return False

        def keep(connection: Connection) -> bool:
            return connection.execute(there.with_for_update(key_share=True)).one_or_none() is not None and snapshots.add(connection, room_id, snapshot, state)

        return await self.database.write(keep)

    async def seal_rows(self, room_id: str, most: int = 1000) -> int:
        """For operators: encrypt at most so many rows of each kind that were written before the room had a key; 0: none is left."""
        return await self.database.write(lambda connection: keys.seal_rows(connection, self._sealer, room_id, most))

    async def compact(self, room_id: str) -> bool:
        return await self._merge(room_id, thorough=True)

    async def room_ids(self, after: str, limit: int) -> Sequence[str]:
        return await self.database.read(lambda connection: rooms.ids(connection, after, limit))

    async def faults(self, room_id: str) -> Sequence[str]:
        return await self._read(room_id, lambda reading: reading.faults()) or []

    async def _merge(self, room_id: str, *, thorough: bool) -> bool:
        def plan(connection: Connection) -> compaction.Merge | None:
            box = rooms.box_of(connection, self._sealer, room_id)
            return None if box is None else compaction.plan(connection, box, room_id, thorough=thorough)

        merge = await self.database.read(plan)
        if merge is not None:
            await self.database.write(lambda connection: compaction.put(connection, merge))
        return merge is not None
