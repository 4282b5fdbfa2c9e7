"""The database: opens it, hands out transactions, and says every failure in our words. `store` is its one caller.

new ── open ──> open ── close ──> closed
                 ^                   │
                 └────── open ───────┘
"""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, cast

from sqlalchemy import Connection, Engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from fourhands.errors import InvalidRequest
from fourhands.store.sql import schema, sqlite
from fourhands.store.sql.failures import breaks_connection, translated, unavailable
from fourhands.store.sql.sqlite_file import ServerLock, SqliteFile
from fourhands.store.sql.threads import Threads

Result = TypeVar("Result")
Work = Callable[[Connection], Result]


class Database:
    """Transactions on one database: `write` ones in turn, `read` ones beside them, each in one hop to a thread.

    Invariant: what is written goes through the one writer connection, in the one thread that has it, so nobody in this
    process waits for a lock that this process holds.
    Invariant: nothing is written behind a part of SQLite's log that the disk may have lost. A disk that fails a sync forgets what it
    was to write, and later syncs succeed (https://lwn.net/Articles/752063/); a transaction that was not synced itself would
    stand there as a hole, and after a power cut SQLite reads up to the first hole. So after such a failure, and after a start, which knows
    nothing of the time before it, the log is first brought into the file.
    """

    def __init__(self, url: str, *, busy_seconds: float, beside: bool = False, writes: bool = True) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise InvalidRequest("DATABASE_URL is no database URL: write it as sqlite:///PATH, or as postgresql://USER:PASSWORD@HOST/NAME.") from error
        if parsed.get_backend_name() != "sqlite":
            raise InvalidRequest(
                f"Rooms are kept in SQLite or PostgreSQL, not in {parsed.get_backend_name()}: write DATABASE_URL as sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME."
            )
        self._file = SqliteFile.from_url(parsed)
        self._busy_seconds = busy_seconds
        self._beside = beside
        self._writes = writes
        self._lock: ServerLock | None = None
        self._identity: tuple[int, int] | None = None
        self._writer: Engine | None = None
        self._readers: Engine | None = None
        self._driver: sqlite3.Connection | None = None  # the writer's, while it is connected
        self._is_log_whole = False  # on the disk, as far as the last sync says
        self._writing: Threads | None = None
        self._reading: Threads | None = None

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self._file.path

    async def open(self) -> None:
        """Check, connect, and bring the schema up. Raises `Unavailable` with how to mend it; nothing stays open then."""
        starting = Threads("database start", 1, float("inf"))
        try:
            await starting.do(self._open)
        finally:
            await starting.close()

    async def fill(self, work: Callable[[Connection], None]) -> None:
        """Instead of `open`: make the file, with what `work` writes into it. Raises `InvalidRequest` if it is there already.

        It is made under another name, and put in its place when all of it is on the disk.
        """
        starting = Threads("database start", 1, float("inf"))
        try:
            await starting.do(lambda: self._fill(work))
        finally:
            await starting.close()

    def _fill(self, work: Callable[[Connection], None]) -> None:
        place = self._file.path
        if place.exists():
            raise InvalidRequest(f"{place} is there already: nothing is overwritten. Name another folder with --data-dir, or another database in DATABASE_URL.")
        lock = ServerLock.take(self._file)
        file = SqliteFile(place.with_name(place.name + ".restored"))
        try:
            file.path.unlink(missing_ok=True)  # of one that was cut off
            file.prepare(self._busy_seconds)
            engine = sqlite.migrator(file, self._busy_seconds)
            with translated(), engine.begin() as connection:
                work(connection)
            engine.dispose()
            file.path.rename(place)
        finally:
            file.path.unlink(missing_ok=True)
            lock.release()

    def _open(self) -> None:
        try:
            if not self._beside:
                self._lock = ServerLock.take(self._file)
            self._file.prepare(self._busy_seconds)
            self._identity = self._file.identity()
            self._readers = sqlite.readers(self._file, self._busy_seconds)
            self._reading = Threads("database reader", sqlite.READERS, sqlite.TURN_SECONDS)
            with self._transaction(self._readers) as connection:
                found = schema.revision(connection)
            if self._beside:
                schema.require_head(found)
            elif found != schema.HEAD:
                self._migrate()
            if not self._writes:
                return
            self._writer = sqlite.writer(self._file, self._busy_seconds)
            event.listen(self._writer, "close", self._forget_driver)
            self._writing = Threads("database writer", 1, sqlite.TURN_SECONDS)
        except BaseException:
            self._release()
            raise

    async def close(self) -> None:
        """Let what runs end, then disconnect; the writer goes last, and folds SQLite's log into the file."""
        threads = [one for one in (self._reading, self._writing) if one is not None]
        self._reading = self._writing = None
        for one in threads:
            await one.close()
        stopping = Threads("database stop", 1, float("inf"))
        await stopping.do(self._release)
        await stopping.close()

    def _release(self) -> None:
        for engine in (self._readers, self._writer):
            if engine is not None:
                engine.dispose()
        self._readers = self._writer = self._identity = self._reading = self._writing = None
        self._is_log_whole = False
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def write(self, work: Work[Result], *, clash: str = "That is there already.", missing: str = "There is no such room.") -> Result:
        """Do `work` in a transaction: durable when this returns; nothing of it stays if it or the commit raised.

        `clash` and `missing`: what `Conflict` and `NotFound` say if a key is taken, or what it refers to is not there.
        A caller who is cancelled waits until the transaction has ended, and cannot know how.
        """

        def job() -> Result:
            with self._transaction(self._writer, clash, missing) as connection:
                return work(connection)

        return await self._threads(self._writing).do(job)

    async def read(self, work: Work[Result]) -> Result:
        """Do `work` in a transaction that sees one state of the database and waits for no writer."""

        def job() -> Result:
            with self._transaction(self._readers) as connection:
                return work(connection)

        return await self._threads(self._reading).do(job)

    async def on_writer(self, job: Callable[[], Result]) -> Result:
        """Run what opens its transactions itself, with `transaction` or `driver`, in the writer's thread."""
        return await self._threads(self._writing).do(job)

    @contextmanager
    def transaction(self, *, synced: bool = True) -> Generator[Connection]:
        """A write transaction, in the writer's thread. Not `synced`: a power cut may undo it and what came later, in that order;
        for what can be done again. The next synced one makes it durable as well."""
        if synced:
            with self._transaction(self._writer) as connection:
                yield connection
            return
        with self.driver() as driver:
            driver.execute("PRAGMA synchronous = NORMAL")
            pages = driver.execute("PRAGMA wal_autocheckpoint").fetchone()[0]
            driver.execute("PRAGMA wal_autocheckpoint = 0")  # it syncs, and nobody would hear that it failed
        try:
            with self._transaction(self._writer) as connection:
                yield connection
        finally:
            with self.driver() as driver:
                driver.execute("PRAGMA synchronous = FULL")
                driver.execute(f"PRAGMA wal_autocheckpoint = {pages}")

    @contextmanager
    def driver(self) -> Generator[sqlite3.Connection]:
        """The writer's own connection without a transaction, in the writer's thread: for what must cost little."""
        engine = self._engine(self._writer)
        with translated():
            try:
                driver = self._driver or self._connect(engine)
                if not self._is_log_whole:
                    self._settle_log(driver)
                yield driver
            except sqlite3.Error as error:
                if breaks_connection(error):
                    self._is_log_whole = False
                    engine.dispose()
                raise

    def _settle_log(self, driver: sqlite3.Connection) -> None:
        """Bring SQLite's log into the file, synced, and begin a new one. Raises `Unavailable` while somebody reads from it."""
        if driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise unavailable("The database is locked by another program. Nothing was written; it is tried again.")
        self._is_log_whole = True

    def _connect(self, engine: Engine) -> sqlite3.Connection:
        """The connection that the engine's pool has, or made now. To ask the pool for it costs as much as a small commit."""
        held = engine.raw_connection()
        driver = self._driver = cast("sqlite3.Connection", held.driver_connection)
        held.close()  # it stays in the pool
        return driver

    def _forget_driver(self, *_: object) -> None:
        self._driver = None

    @contextmanager
    def _transaction(self, engine: Engine | None, clash: str = "", missing: str = "") -> Generator[Connection]:
        engine = self._engine(engine)
        if engine is self._writer and not self._is_log_whole:
            with self.driver():
                pass  # it settles the log
        with translated(clash=clash, missing=missing):
            try:
                with engine.begin() as connection:
                    yield connection
            except DBAPIError as error:
                if engine is self._writer and breaks_connection(error.orig):
                    self._is_log_whole = False
                raise

    def _threads(self, threads: Threads | None) -> Threads:
        if threads is None:
            raise unavailable("The database is not open.")
        return threads

    def _engine(self, engine: Engine | None) -> Engine:
        """The engine, if the file is still the one that was opened: SQLite would go on writing into a deleted one."""
        if engine is None:
            raise unavailable("The database is not open.")
        if self._file.identity() != self._identity:
            raise unavailable(f"The database file {self._file.path} was replaced while the server ran: restart the server.")
        return engine

    def _migrate(self) -> None:
        engine = sqlite.migrator(self._file, self._busy_seconds)
        try:
            with translated(), engine.begin() as connection:
                schema.upgrade(connection)
        finally:
            engine.dispose()
