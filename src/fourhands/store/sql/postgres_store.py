"""`PostgresStore`: the store's port on a PostgreSQL server, which several instances may share. `room_store` has what all databases do alike.

A commit writes rows at once: nothing is in this process' memory that another one would have to know.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy import Connection, select, text

from fourhands.errors import Conflict, Unavailable
from fourhands.model.entry import Entry, EntryKind, StoredEntry
from fourhands.store.port import Committed, Stored
from fourhands.store.rewriting import Rewriting, Rewritten
from fourhands.store.sealing import PLAIN, Sealer
from fourhands.store.sql import keys, rooms, transfer
from fourhands.store.sql import rewriting as rewrite
from fourhands.store.sql.account_store import SqlAccounts
from fourhands.store.sql.appending import append
from fourhands.store.sql.archive import Archive
from fourhands.store.sql.audit import SqlAudit
from fourhands.store.sql.bans import SqlBans
from fourhands.store.sql.postgres import KEYS, PostgresDatabase, lock
from fourhands.store.sql.reading import Reading, read_room
from fourhands.store.sql.room_store import RoomStore
from fourhands.store.sql.tables import metadata
from fourhands.store.sql.tables import rooms as room_rows
from fourhands.store.sql.tidying import Tidying

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.store")

Result = TypeVar("Result")
TIDY_SECONDS = 5.0
HELD = ("blocks", "journal", "snapshots", "members", "invites", "rooms")
"""Tables with what people wrote."""


class PostgresStore(RoomStore):
    """Implements `store.port.Store`, where every method is described.

    `url`, `read_url`: `postgresql://...`; raise `InvalidRequest` for what names no database. `pool_size`, `timeout_seconds`: see
    `PostgresDatabase`. `beside`: for an operator's command: the schema has to be there, and nothing is merged.
    """

    def __init__(
        self,
        url: str,
        *,
        read_url: str = "",
        pool_size: int = 10,
        timeout_seconds: float = 15.0,
        tidy_seconds: float = TIDY_SECONDS,
        sealer: Sealer = PLAIN,
        beside: bool = False,
    ) -> None:
        self.database: PostgresDatabase = PostgresDatabase(url, read_url=read_url, pool_size=pool_size, timeout_seconds=timeout_seconds, beside=beside)
        super().__init__(self.database, sealer)
        self.accounts = SqlAccounts(self.database, sealer)
        self.audit = SqlAudit(self.database)
        self.bans = SqlBans(self.database)
        self._beside = beside
        self._tidying = Tidying(self._merge)
        self._tidy_seconds = tidy_seconds
        self._task: asyncio.Task[None] | None = None

    # ---- start and stop ------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        await self.database.open()
        try:
            await self.database.read(lambda connection: keys.check(connection, self._sealer))
            if not self._beside:
                await self._renew_keys()
        except BaseException:
            await self.database.close()
            raise
        if not self._beside:
            self._task = asyncio.create_task(self._tidy(), name="merge the journal's rows")

    async def _renew_keys(self) -> None:
        """One instance of several that start together; what the first has done the others find done."""

        def renew(connection: Connection, after: str) -> str | None:
            lock(connection, KEYS)
            return keys.renew(connection, self._sealer, after)

        after: str | None = None if self._sealer is PLAIN else ""
        while after is not None:
            after = await self.database.write(partial(renew, after=after))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self.database.close()

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(self._tidy_seconds)
            try:
                await self._tidying.tidy()
            except Exception:  # it is tried again
                log.exception("journal.not_merged")

    # ---- rooms ---------------------------------------------------------------------------------------------------------

    async def end_room(self, room_id: str, at_ms: int) -> None:
        await self.database.write(lambda connection: rooms.end(connection, room_id, at_ms))
        self._tidying.forget(room_id)

    async def delete_room(self, room_id: str) -> None:
        await self.database.write(lambda connection: rooms.remove(connection, room_id))
        self._tidying.forget(room_id)

    async def unused_rooms(self, before_ms: int, limit: int) -> Sequence[str]:
        return await self.database.read(lambda connection: rooms.unused(connection, before_ms, limit))

    async def commit(self, batches: Mapping[str, Sequence[Entry]]) -> Committed:
        done = await self.database.write(lambda connection: append(connection, self._sealer, batches))
        for room_id in done.heads:
            if any(entry.kind is EntryKind.EDIT for entry in batches[room_id]):
                self._tidying.grew(room_id, 1)
        return done

    def rest(self, room_id: str) -> None:
        self._tidying.settled(room_id)
        self._tidying.rest(room_id)

    async def rewrite_room(self, room_id: str, rewriting: Rewriting) -> Rewritten:
        for _ in range(rewrite.TRIES):
            plan = await self.database.read(lambda connection: rewrite.planned(connection, self._sealer, room_id, rewriting))
            with contextlib.suppress(rewrite.NotYet):
                await self.database.write(lambda connection, plan=plan: rewrite.put(connection, self._sealer, room_id, rewriting, plan))
                return Rewritten(plan.edits, plan.entries, plan.snapshots, await self._scrub())
        raise Conflict(rewrite.MOVED_ON)

    async def _scrub(self) -> bool:
        """Let go the rows that were; the server's own log has them until it is recycled, its backups and followers for longer."""

        def clean(connection: Connection) -> None:
            for table in HELD[:3]:
                connection.execute(text(f"VACUUM {table}"))

        with contextlib.suppress(Unavailable):
            await self.database.alone(clean)
        return False

    # ---- what is read --------------------------------------------------------------------------------------------------

    async def _read(self, room_id: str, read: Callable[[Reading], Result]) -> Result | None:
        return await self.database.read(lambda connection: self._reading(connection, room_id, read))

    def _reading(self, connection: Connection, room_id: str, read: Callable[[Reading], Result]) -> Result | None:
        reading = read_room(connection, self._sealer, room_id, None, beside=False)
        return None if reading is None else read(reading)

    async def seek(self, room_id: str, *, position: int | None = None, at_ms: int | None = None) -> Stored | None:
        if position is None and at_ms is None:
            return await self.load(room_id)
        return await self._read_far(room_id, lambda reading: reading.seek(position, at_ms), None if at_ms is not None else position)

    async def entries(self, room_id: str, after: int, limit: int) -> Sequence[StoredEntry]:
        return await self._read_far(room_id, lambda reading: reading.entries(after, limit), max(0, after) + max(0, limit)) or []

    async def _read_far(self, room_id: str, read: Callable[[Reading], Result], needed: int | None) -> Result | None:
        """As `_read`, from the server that follows where it has all positions up to `needed` (None: all there are) of this very room.

        The first server says what that is, by one row. One that lags, was cut off, or has the room as it was before something was erased
        from it, is passed over.
        """
        if self.database.has_far:
            now = select(room_rows.c.epoch, room_rows.c.head, room_rows.c.ended_at_ms, room_rows.c.created_at_ms).where(room_rows.c.id == room_id)
            row = await self.database.read(lambda connection: connection.execute(now).one_or_none())
            if row is None:
                return None
            up_to = row.head if needed is None else min(needed, row.head)

            def far(connection: Connection) -> tuple[Result] | None:
                reading = read_room(connection, self._sealer, room_id, None, beside=False)
                if reading is None or reading.head < up_to:
                    return None
                there = reading.room
                return (read(reading),) if (there.epoch, there.ended_at_ms, there.created_at_ms) == (row.epoch, row.ended_at_ms, row.created_at_ms) else None

            try:
                if (found := await self.database.read_far(far)) is not None:
                    return found[0]
            except Unavailable as error:
                log.warning("database.follower_away", reason=str(error))
        return await self._read(room_id, read)

    # ---- for operators -------------------------------------------------------------------------------------------------

    def require_file(self) -> None:
        """There is none: `start` says whether the database is there."""

    async def size_bytes(self) -> int:
        """What the tables, their indexes and what is free in them take on the server's disk."""
        sizes = text("SELECT sum(pg_total_relation_size(name::regclass))::bigint FROM unnest(CAST(:names AS text[])) AS t (name)")
        return int(await self.database.read(lambda connection: connection.execute(sizes, {"names": [*metadata.tables]}).scalar_one()))

    async def about(self) -> str:
        """Which database it is."""
        version = await self.database.read(lambda connection: connection.execute(text("SHOW server_version")).scalar_one())
        return f"PostgreSQL {version.partition(' ')[0]} {self.database.where}"

    async def about_far(self) -> tuple[str, bool] | None:
        """Whether the server that follows can be read, and how far it lags; None without one."""
        if not self.database.has_far:
            return None
        lag = text("SELECT pg_is_in_recovery(), extract(epoch FROM now() - pg_last_xact_replay_timestamp())")
        try:
            follows, seconds = await self.database.read_far(lambda connection: tuple(connection.execute(lag).one()))
        except Unavailable as error:
            return f"DATABASE_READ_URL: {error}", False
        if not follows:
            return "DATABASE_READ_URL names a server that follows no other.", False
        return f"The server that follows has all that was written until {0 if seconds is None else float(seconds):.0f} s ago.", True

    async def read_all(self, work: Callable[[Connection], Result]) -> Result:
        """One state of all that is there, however long it takes to read."""
        return await self.database.read_all(work)

    async def fill(self, source: Archive) -> None:
        """Instead of `start`: put a backup into the database. Raises `InvalidRequest` if that is not empty, and `Unavailable`."""
        await self.database.fill(lambda connection: transfer.fill(connection, source))

    async def file_faults(self) -> Sequence[str]:
        """What the server itself knows to be damaged, a sentence each."""
        failed = text("SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()")
        count = await self.database.read(lambda connection: connection.execute(failed).scalar_one())
        return [f"PostgreSQL has found {count} damaged pages in this database."] if count else []

    async def vacuum(self) -> None:
        """Write the tables anew without what is free in them; what writes to one waits meanwhile."""

        def go(connection: Connection) -> None:
            for name in metadata.tables:
                connection.execute(text(f"VACUUM (FULL, ANALYZE) {name}"))

        await self.database.alone(go)
