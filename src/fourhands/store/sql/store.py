"""`SqlStore`: the store's port on a SQL database. The statements stand in rooms, members, journal, snapshots and log."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar, Unpack

import structlog
from sqlalchemy import Connection, select

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind, StoredEntry
from fourhands.model.execution import Execution
from fourhands.model.room import Invite, Member, Room
from fourhands.store.port import Committed, RoomChanges, Stored
from fourhands.store.rewriting import Rewriting, Rewritten
from fourhands.store.sealing import PLAIN, Sealer
from fourhands.store.snapshots import Snapshot, Stretch
from fourhands.store.sql import compaction, executions, invitations, journal, keys, members, rooms, snapshots, tables, upkeep
from fourhands.store.sql.account_store import SqlAccounts
from fourhands.store.sql.audit import SqlAudit
from fourhands.store.sql.bans import SqlBans
from fourhands.store.sql.engine import Database
from fourhands.store.sql.folder import HURRY_BYTES, Folder
from fourhands.store.sql.log import Held, Log
from fourhands.store.sql.people import People, given
from fourhands.store.sql.reading import Reading, read_room
from fourhands.store.sql.rewriting import Rewriter

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.store")

Result = TypeVar("Result")
FOLD_SECONDS = 5.0
LOG_BYTES = 256 * 1024 * 1024


class SqlStore(People):
    """Implements `store.port.Store`, where every method is described.

    `url`: `sqlite:///PATH`; raises `InvalidRequest` for what is not supported. `busy_seconds`: how long a write waits
    for a database that another program has locked, before `Unavailable`. `beside`: only to read, beside the one server
    that works with the database; what it has not folded yet is read from its log. `accounts_alone`: there, accounts and the audit log are
    written as well: the server holds nothing of them in memory for longer than a second.
    """

    def __init__(
        self,
        url: str,
        *,
        busy_seconds: float = 5.0,
        fold_seconds: float = FOLD_SECONDS,
        log_bytes: int = LOG_BYTES,
        sealer: Sealer = PLAIN,
        beside: bool = False,
        accounts_alone: bool = False,
    ) -> None:
        self.database = Database(url, busy_seconds=busy_seconds, beside=beside, writes=accounts_alone or not beside)
        self.accounts = SqlAccounts(self.database, sealer)
        self.audit = SqlAudit(self.database)
        self.bans = SqlBans(self.database)
        self._sealer = sealer
        self._beside = beside
        self._fold_seconds = fold_seconds
        self._log = Log(sealer, log_bytes)
        self._folder = Folder(self.database, self._log, self._merge)
        self._folding: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.database.open()
        if self._beside:
            return
        try:
            await self.database.read(lambda connection: keys.check(connection, self._sealer))
            await self.database.write(self._log.recover)
            await self._folder.fold()
            for room_id in await self.database.read(rooms.half_erased):
                await self.end_room(room_id, 0)
            await self._renew_keys()
        except BaseException:
            await self.database.close()
            raise
        self._folding = asyncio.create_task(self._folder.run(self._fold_seconds), name="fold the journal's log")

    async def _renew_keys(self) -> None:
        """Behind the fold: rooms that get a key now hold nothing plain past their heads."""
        after: str | None = None if self._sealer is PLAIN else ""
        while after is not None:
            after = await self.database.write(partial(keys.renew, sealer=self._sealer, after=after))

    async def stop(self) -> None:
        if self._folding is not None:
            self._folding.cancel()
            await asyncio.gather(self._folding, return_exceptions=True)
            self._folding = None
            with contextlib.suppress(Unavailable):  # the next start does it
                await self._folder.fold()
        await self.database.close()

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

    async def end_room(self, room_id: str, at_ms: int) -> None:
        await self._erase(room_id, lambda connection: rooms.end(connection, room_id, at_ms), at_ms)

    async def close_room(self, room_id: str, at_ms: int) -> None:
        await self.database.write(lambda connection: rooms.shut(connection, room_id, at_ms))

    async def delete_room(self, room_id: str) -> None:
        def remove(connection: Connection) -> None:
            rooms.remove(connection, room_id)
            self._log.deleted(connection, room_id)

        await self._erase(room_id, remove, None)

    async def unused_rooms(self, before_ms: int, limit: int) -> Sequence[str]:
        found = await self.database.read(lambda connection: rooms.unused(connection, before_ms, limit))
        return [room_id for room_id in found if not self._log.was_used(room_id, before_ms)]

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

    async def commit(self, batches: Mapping[str, Sequence[Entry]]) -> Committed:
        def append() -> Committed:
            with self.database.driver() as driver:
                return self._log.commit(driver, batches)

        done = await self.database.on_writer(append)
        if self._log.waiting_bytes > HURRY_BYTES:
            self._folder.hurry()
        return done

    async def base(self, room_id: str) -> Snapshot | None:
        def find(connection: Connection) -> Snapshot | None:
            box = rooms.box_of(connection, self._sealer, room_id)
            return None if box is None else snapshots.base(connection, box, room_id)

        return await self.database.read(find)

    async def rewrite_room(self, room_id: str, rewriting: Rewriting) -> Rewritten:
        return await Rewriter(self.database, self._log, self._folder, self._sealer).rewrite(room_id, rewriting)

    async def write_snapshot(self, room_id: str, snapshot: Snapshot, *, epoch: str | None = None) -> None:
        def prepare(connection: Connection) -> tuple[bytes | None, bytes]:
            key = connection.execute(select(tables.rooms.c.key).where(tables.rooms.c.id == room_id)).scalar_one_or_none()
            return key, self._sealer.box(room_id, key).seal("snapshot", snapshot.position, snapshots.squeeze(snapshot))

        key, state = await self.database.read(prepare)  # beside the writer: no commit waits until it is compressed

        def keep(connection: Connection) -> None:
            held = self._log.held(room_id)
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
            return connection.execute(there).one_or_none() is not None and snapshots.add(connection, room_id, snapshot, state)

        return await self.database.write(keep)

    async def fold(self) -> None:
        """Write what is in the log alone into the rooms' rows. Raises `Unavailable`; the log then keeps it."""
        await self._folder.fold()

    async def seal_rows(self, room_id: str, most: int = 1000) -> int:
        """For operators: encrypt at most so many rows of each kind that were written before the room had a key; 0: none is left."""
        return await self.database.write(lambda connection: keys.seal_rows(connection, self._sealer, room_id, most))

    def require_file(self) -> None:
        """For operators: raises `Unavailable` if there is no database yet; `start` would make one."""
        upkeep.require_file(self.database.path)

    def file_bytes(self) -> int:
        """For operators: what the database takes on the disk."""
        return upkeep.size_bytes(self.database.path)

    async def file_faults(self) -> Sequence[str]:
        """For operators: what is wrong with the file itself, a sentence each."""
        return await self.database.read(lambda connection: upkeep.faults(connection, self._sealer))

    async def vacuum(self) -> None:
        """For operators: give back to the disk what is free in the file. Raises `Unavailable`."""
        await upkeep.vacuum(self.database)

    async def compact(self, room_id: str) -> bool:
        return await self._merge(room_id, thorough=True)

    def rest(self, room_id: str) -> None:
        self._folder.rest(room_id)

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

    async def _erase(self, room_id: str, work: Callable[[Connection], None], at_ms: int | None) -> None:
        """Do what ends a room, in a few steps if it holds much; forget it in the first; the next fold lets go what logs hold of it."""

        def begin() -> bool:
            with self.database.transaction() as connection:
                more = rooms.erase_some(connection, room_id)
                if more:
                    rooms.close(connection, room_id, at_ms)
                else:
                    work(connection)
            self._log.forget(room_id)
            return more

        more = await self.database.on_writer(begin)
        while more:
            more = await self.database.write(lambda connection: rooms.erase_some(connection, room_id))
            if not more:
                await self.database.write(work)
        self._folder.erased(room_id)

    async def _read(self, room_id: str, read: Callable[[Reading], Result]) -> Result | None:
        """What stands in a room's rows and, after them, in the log; None if there is no such room."""
        while True:
            held = self._log.held(room_id)

            def work(connection: Connection, held: Held | None = held) -> Result | None:
                reading = read_room(connection, self._sealer, room_id, held, beside=self._beside)
                return None if reading is None else read(reading)

            found = await self.database.read(work)
            if self._log.is_current(held, room_id):
                return found
