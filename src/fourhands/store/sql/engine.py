"""The database: opens it, hands out transactions, and says every failure in our words. `store` is its one caller.

new ── open ──> open ── close ──> closed
                 ^                   │
                 └────── open ───────┘
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fourhands.errors import InvalidRequest
from fourhands.store.sql import schema, sqlite
from fourhands.store.sql.failures import translated, unavailable
from fourhands.store.sql.sqlite_file import SqliteFile

Result = TypeVar("Result")
Work = Callable[[AsyncConnection], Awaitable[Result]]


class Database:
    """Transactions on one database: `write` ones in turn, `read` ones beside them.

    Invariant: what is written goes through the one writer connection, so nobody in this process waits for a lock that this process holds.
    """

    def __init__(self, url: str, *, busy_seconds: float) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise InvalidRequest("DATABASE_URL is no database URL: write it as sqlite:///PATH.") from error
        if parsed.get_backend_name() != "sqlite":
            raise InvalidRequest(f"This version keeps rooms in SQLite, not in {parsed.get_backend_name()}: write DATABASE_URL as sqlite:///PATH.")
        self._file = SqliteFile.from_url(parsed)
        self._busy_seconds = busy_seconds
        self._identity: tuple[int, int] | None = None
        self._writer: AsyncEngine | None = None
        self._readers: AsyncEngine | None = None
        self._running: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        """Check, connect, and bring the schema up. Raises `Unavailable` with how to mend it; nothing stays open then."""
        await asyncio.to_thread(self._file.prepare, self._busy_seconds)
        self._identity = self._file.identity()
        self._writer, self._readers = sqlite.writer(self._file, self._busy_seconds), sqlite.readers(self._file, self._busy_seconds)
        try:
            if await self.read(lambda connection: connection.run_sync(schema.revision)) != schema.HEAD:
                await self._migrate()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let what runs end, then disconnect; the writer goes last, and folds the log into the file."""
        for transaction in list(self._running):
            await _ended(transaction)
        for engine in (self._readers, self._writer):
            if engine is not None:
                await engine.dispose()
        self._readers = self._writer = self._identity = None

    async def write(self, work: Work[Result], *, clash: str = "That is there already.", missing: str = "There is no such room.") -> Result:
        """Do `work` in a transaction: durable when this returns; nothing of it stays if it or the commit raised.

        `clash` and `missing`: what `Conflict` and `NotFound` say if a key is taken, or what it refers to is not there.
        A caller who is cancelled waits until the transaction has ended, and cannot know how.
        """
        return await self._transact(self._open(self._writer), work, clash, missing)

    async def read(self, work: Work[Result]) -> Result:
        """Do `work` in a transaction that sees one state of the database and waits for no writer."""
        return await self._transact(self._open(self._readers), work, "", "")

    async def _transact(self, engine: AsyncEngine, work: Work[Result], clash: str, missing: str) -> Result:
        async def run() -> Result:
            with translated(clash=clash, missing=missing):
                async with engine.begin() as connection:
                    return await work(connection)

        # A task of its own, so that no cancellation gets between a statement and its connection: one that was cut off
        # in its thread would be dropped with its transaction open, and would keep the write lock.
        transaction = asyncio.create_task(run())
        self._running.add(transaction)
        transaction.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(transaction)
        except asyncio.CancelledError:
            await _ended(transaction)
            raise

    def _open(self, engine: AsyncEngine | None) -> AsyncEngine:
        """The engine, if the file is still the one that was opened: SQLite would go on writing into a deleted one."""
        if engine is None:
            raise unavailable("The database is not open.")
        if self._file.identity() != self._identity:
            raise unavailable(f"The database file {self._file.path} was replaced while the server ran: restart the server.")
        return engine

    async def _migrate(self) -> None:
        engine = sqlite.migrator(self._file, self._busy_seconds)
        try:
            with translated():
                async with engine.begin() as connection:
                    await connection.run_sync(schema.upgrade)
        finally:
            await engine.dispose()


async def _ended(transaction: asyncio.Task[Any]) -> None:
    """Wait until it has, whoever cancels the caller meanwhile. What it raised concerns nobody any more."""
    while not transaction.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([transaction])
    if not transaction.cancelled():
        transaction.exception()
