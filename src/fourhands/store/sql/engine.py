"""The database: opens it, hands out transactions, and says every failure in our words. `store` is its one caller.

new ── open ──> open ── close ──> closed
                 ^                   │
                 └────── open ───────┘
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fourhands.errors import InvalidRequest
from fourhands.store.sql import schema, sqlite
from fourhands.store.sql.failures import translated, unavailable
from fourhands.store.sql.sqlite_file import SqliteFile


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

    async def open(self) -> None:
        """Check, connect, and bring the schema up. Raises `Unavailable` with how to mend it; nothing stays open then."""
        await asyncio.to_thread(self._file.prepare, self._busy_seconds)
        self._identity = self._file.identity()
        self._writer, self._readers = sqlite.writer(self._file, self._busy_seconds), sqlite.readers(self._file, self._busy_seconds)
        try:
            async with self.read() as connection:
                found = await connection.run_sync(schema.revision)
            if found != schema.HEAD:
                await self._migrate()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Disconnect; the writer goes last, and folds the log into the file."""
        for engine in (self._readers, self._writer):
            if engine is not None:
                await engine.dispose()
        self._readers = self._writer = self._identity = None

    @asynccontextmanager
    async def write(self, *, clash: str = "That is there already.", missing: str = "There is no such room.") -> AsyncGenerator[AsyncConnection]:
        """A transaction that is durable when the block has been left, or of which nothing stays if anything was raised.

        `clash` and `missing`: what `Conflict` and `NotFound` say if a key is taken or what it refers to is not there.
        """
        engine = self._open(self._writer)
        with translated(clash=clash, missing=missing):
            async with engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """A transaction that sees one state of the database and waits for no writer."""
        engine = self._open(self._readers)
        with translated():
            async with engine.begin() as connection:
                yield connection

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
