"""A PostgreSQL database: opens it, hands out transactions, and says every failure in our words. `postgres_store` is its one caller.

new ── open ──> open ── close ──> closed
                 ^                   │
                 └────── open ───────┘
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, event, text
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from fourhands.store.sql import postgres_url, schema
from fourhands.store.sql.failures import unavailable
from fourhands.store.sql.loops import LoopThread
from fourhands.store.sql.postgres_failures import AGAIN_AT_ONCE, breaks_connection, state_of, translated
from fourhands.store.sql.postgres_url import PostgresUrl

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import ExceptionContext

Result = TypeVar("Result")
TRIES = 5
"""Of a transaction that gave way to another."""
SPARE_SECONDS = 2.0
"""How much longer than the server itself we wait for its answer."""
LOCKS = 0x6668  # the first half of our advisory locks' names
MIGRATING, KEYS = 1, 2
STATEMENTS = 256
"""Kept prepared on each connection."""

_set_up: "WeakKeyDictionary[Any, asyncio.TimerHandle]" = WeakKeyDictionary()


class PostgresDatabase:
    """Transactions on one database: `write` ones and `read` ones each on a pool of connections, in a thread of their own.

    `pool_size`: connections of each pool. `timeout_seconds`: how long a statement, a lock, a free connection or a new one is waited for.
    `beside`: the schema is required to be there, not brought up. `read_url`: a server that follows, for `read_far`.

    Invariant: no call waits for longer than some multiple of `timeout_seconds`, also where the server hangs or the network swallows
    what is sent: a connection that does not answer is cut.
    """

    def __init__(self, url: str, *, read_url: str = "", pool_size: int = 10, timeout_seconds: float = 15.0, beside: bool = False) -> None:
        self._url = postgres_url.read_url(url)
        self._far_url = postgres_url.read_url(read_url) if read_url else None
        self._pool_size = pool_size
        self._timeout_seconds = timeout_seconds
        self._beside = beside
        self._writing: LoopThread | None = None
        self._reading: LoopThread | None = None
        self._writer: AsyncEngine | None = None
        self._reader: AsyncEngine | None = None
        self._far: AsyncEngine | None = None

    @property
    def where(self) -> str:
        """ "at HOST:PORT", for people."""
        return self._url.where

    @property
    def has_far(self) -> bool:
        """Whether there is a server that follows, to read from."""
        return self._far_url is not None

    async def open(self) -> None:
        """Connect, and bring the schema up. Raises `Unavailable` with how to mend it; nothing stays open then."""
        self._connect()
        try:
            found = await self.read(schema.revision)
            if self._beside:
                schema.require_head(found)
            elif found != schema.HEAD:
                await self._on(self._writing, self._writer, _migrate, patient=True)
        except BaseException:
            await self.close()
            raise

    async def fill(self, work: Callable[[Connection], None]) -> None:
        """Instead of `open`: do `work`, which may take long, in a database of whatever schema, and let go of it."""

        def alone(connection: Connection) -> None:
            _take_time(connection)
            lock(connection, MIGRATING)
            work(connection)

        self._connect()
        try:
            await self._on(self._writing, self._writer, alone, patient=True)
        finally:
            await self.close()

    async def read_all(self, work: Callable[[Connection], Result]) -> Result:
        """As `read`, for what takes long."""

        def patient(connection: Connection) -> Result:
            _take_time(connection)
            return work(connection)

        return await self._on(self._reading, self._reader, patient, patient=True)

    def _connect(self) -> None:
        self._writing, self._reading = LoopThread("database writer"), LoopThread("database reader")
        self._writer = self._engine(self._url)
        self._reader = self._engine(self._url).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        if self._far_url is not None:
            self._far = self._engine(self._far_url).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    async def close(self) -> None:
        """Let what runs end, then disconnect."""
        for thread, engines in ((self._reading, (self._reader, self._far)), (self._writing, (self._writer,))):
            if thread is not None:
                await thread.do(lambda engines=engines: _dispose(*engines))
                await thread.close()
        self._writing = self._reading = self._writer = self._reader = self._far = None

    async def write(self, work: Callable[[Connection], Result], *, clash: str = "That is there already.", missing: str = "There is no such room.") -> Result:
        """As `transactions.Transactions.write`."""
        return await self._on(self._writing, self._writer, work, clash=clash, missing=missing)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """As `transactions.Transactions.read`."""
        return await self._on(self._reading, self._reader, work)

    async def read_far(self, work: Callable[[Connection], Result]) -> Result:
        """As `read`, on the server that follows: it may lag behind. Raises `Unavailable` also where there is none."""
        return await self._on(self._reading, self._far, work, far=True)

    async def alone(self, work: Callable[[Connection], None]) -> None:
        """Do what takes no transaction (VACUUM), and may take long."""

        async def go(engine: AsyncEngine) -> None:
            with translated(self.where):
                async with engine.connect() as connection:
                    bare = await connection.execution_options(isolation_level="AUTOCOMMIT")
                    await bare.execute(text("SET statement_timeout = 0"))
                    await bare.run_sync(work)
                    await connection.invalidate()  # with what was set on it

        thread, engine = self._opened(self._writing, self._writer)
        await thread.do(lambda: go(engine))

    async def _on(
        self,
        thread: LoopThread | None,
        engine: AsyncEngine | None,
        work: Callable[[Connection], Result],
        *,
        clash: str = "That is there already.",
        missing: str = "There is no such room.",
        far: bool = False,
        patient: bool = False,
    ) -> Result:
        where = self._far_url.where if far and self._far_url is not None else self._url.where
        seconds = None if patient else self._timeout_seconds * 2 + SPARE_SECONDS

        async def go(engine: AsyncEngine) -> Result:
            for left in range(TRIES - 1, -1, -1):
                with translated(where, clash=clash, missing=missing):
                    try:
                        return await _transaction(engine, work, seconds)
                    except Exception as error:
                        if not left or state_of(error) not in AGAIN_AT_ONCE:
                            raise
            raise AssertionError

        thread, engine = self._opened(thread, engine)
        return await thread.do(lambda: go(engine))

    def _opened(self, thread: LoopThread | None, engine: AsyncEngine | None) -> tuple[LoopThread, AsyncEngine]:
        if thread is None or engine is None:
            raise unavailable("The database is not open.")
        return thread, engine

    def _engine(self, url: PostgresUrl) -> AsyncEngine:
        timeout, milliseconds = self._timeout_seconds, str(int(self._timeout_seconds * 1000))
        connect = partial(
            _connect,
            url.dsn,
            setup_seconds=timeout,
            timeout=url.connect_seconds or timeout,
            command_timeout=None,  # the whole transaction is timed
            statement_cache_size=0,  # SQLAlchemy has one
            server_settings={
                "statement_timeout": milliseconds,
                "lock_timeout": milliseconds,
                "idle_in_transaction_session_timeout": str(int(timeout * 4000)),  # of a connection that nobody has any more
                "jit": "off",  # no statement of ours takes as long as compiling it
            },
        )
        engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=connect,
            connect_args={"prepared_statement_cache_size": STATEMENTS},
            pool_size=self._pool_size,
            max_overflow=0,
            pool_timeout=timeout,
            pool_use_lifo=True,  # what is not needed stays idle
            hide_parameters=True,  # nothing of what people wrote gets into an error
        )
        event.listen(engine.sync_engine, "checkout", _require_open)
        event.listen(engine.sync_engine, "handle_error", _judge)
        return engine


async def _connect(dsn: str, *_: object, setup_seconds: float, **options: Any) -> Any:
    """What SQLAlchemy asks a new connection before anybody has it is timed by us as well: until `_require_open`."""
    import asyncpg  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] - it is not loaded where rooms are in SQLite

    driver: Any = await cast("Any", asyncpg).connect(dsn, **options)
    _set_up[driver] = asyncio.get_running_loop().call_later(setup_seconds, driver.terminate)
    return driver


def _require_open(connection: Any, *_: object) -> None:
    """A connection that the server has ended is known to be, without asking it; those beside it are looked at too."""
    if (cut := _set_up.pop(connection.driver_connection, None)) is not None:
        cut.cancel()
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError


def _judge(context: "ExceptionContext") -> None:
    if breaks_connection(context.original_exception):
        context.is_disconnect = True


async def _transaction(engine: AsyncEngine, work: Callable[[Connection], Result], seconds: float | None) -> Result:
    """One transaction. Past `seconds` its connection is cut, which its statement hears as a lost one: a server that hangs would not
    hear of a time-out, and nor would whoever waits for what it says to that."""
    async with engine.connect() as connection:
        cut = None if seconds is None else asyncio.get_running_loop().call_later(seconds, await _cutter(connection))
        try:
            async with connection.begin():
                return await connection.run_sync(work)
        finally:
            if cut is not None:
                cut.cancel()


async def _cutter(connection: AsyncConnection) -> Callable[[], None]:
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    return driver.terminate


def _migrate(connection: Connection) -> None:
    """One instance of several that start together; the others find it done."""
    _take_time(connection)
    lock(connection, MIGRATING)
    schema.upgrade(connection)


def _take_time(connection: Connection) -> None:
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {name} = 0"))


def lock(connection: Connection, what: int) -> None:
    """Until the transaction ends, nobody else has the lock of that name."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:ours, :what)"), {"ours": LOCKS, "what": what})


async def _dispose(*engines: AsyncEngine | None) -> None:
    for engine in engines:
        if engine is not None:
            await engine.dispose()
