"""`SqlStore`: the store's port on a SQLite file, with the log and its folder. `room_store` has what all databases do alike."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry
from fourhands.store.port import Committed
from fourhands.store.rewriting import Rewriting, Rewritten
from fourhands.store.sealing import PLAIN, Sealer
from fourhands.store.sql import keys, rooms, transfer, upkeep
from fourhands.store.sql.account_store import SqlAccounts
from fourhands.store.sql.archive import Archive
from fourhands.store.sql.audit import SqlAudit
from fourhands.store.sql.bans import SqlBans
from fourhands.store.sql.engine import Database
from fourhands.store.sql.folder import HURRY_BYTES, Folder
from fourhands.store.sql.log import Held, Log
from fourhands.store.sql.reading import Reading, read_room
from fourhands.store.sql.rewriting import Rewriter
from fourhands.store.sql.room_store import RoomStore

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.store")

Result = TypeVar("Result")
FOLD_SECONDS = 5.0
LOG_BYTES = 256 * 1024 * 1024


class SqlStore(RoomStore):
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

    async def end_room(self, room_id: str, at_ms: int) -> None:
        await self._erase(room_id, lambda connection: rooms.end(connection, room_id, at_ms), at_ms)

    async def delete_room(self, room_id: str) -> None:
        def remove(connection: Connection) -> None:
            rooms.remove(connection, room_id)
            self._log.deleted(connection, room_id)

        await self._erase(room_id, remove, None)

    async def unused_rooms(self, before_ms: int, limit: int) -> Sequence[str]:
        found = await self.database.read(lambda connection: rooms.unused(connection, before_ms, limit))
        return [room_id for room_id in found if not self._log.was_used(room_id, before_ms)]

    async def commit(self, batches: Mapping[str, Sequence[Entry]]) -> Committed:
        def append() -> Committed:
            with self.database.driver() as driver:
                return self._log.commit(driver, batches)

        done = await self.database.on_writer(append)
        if self._log.waiting_bytes > HURRY_BYTES:
            self._folder.hurry()
        return done

    async def rewrite_room(self, room_id: str, rewriting: Rewriting) -> Rewritten:
        return await Rewriter(self.database, self._log, self._folder, self._sealer).rewrite(room_id, rewriting)

    async def fold(self) -> None:
        """Write what is in the log alone into the rooms' rows. Raises `Unavailable`; the log then keeps it."""
        await self._folder.fold()

    def require_file(self) -> None:
        """For operators: raises `Unavailable` if there is no database yet; `start` would make one."""
        upkeep.require_file(self.database.path)

    async def size_bytes(self) -> int:
        """For operators: what the database takes on the disk."""
        return upkeep.size_bytes(self.database.path)

    async def about(self) -> str:
        """For operators: which database it is."""
        return f"SQLite {sqlite3.sqlite_version}, {self.database.path}"

    async def about_far(self) -> tuple[str, bool] | None:
        """For operators: there is none that follows."""
        return None

    async def read_all(self, work: Callable[[Connection], Result]) -> Result:
        """For operators: one state of all that is there, however long it takes to read."""
        return await self.database.read(work)

    async def fill(self, source: Archive) -> None:
        """For operators: instead of `start`, make the database of a backup. Raises `InvalidRequest` if it is there, and `Unavailable`."""
        await self.database.fill(lambda connection: transfer.fill(connection, source))

    async def file_faults(self) -> Sequence[str]:
        """For operators: what is wrong with the file itself, a sentence each."""
        return await self.database.read(lambda connection: upkeep.faults(connection, self._sealer))

    async def vacuum(self) -> None:
        """For operators: give back to the disk what is free in the file. Raises `Unavailable`."""
        await upkeep.vacuum(self.database)

    def rest(self, room_id: str) -> None:
        self._folder.rest(room_id)

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

    def _held(self, room_id: str) -> Held | None:
        return self._log.held(room_id)

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
