"""How connections to a SQLite file are set: one that writes, a few that read, one for migrations. `engine` calls it."""

from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.pool import ConnectionPoolEntry

from fourhands.store.sql.failures import breaks_connection
from fourhands.store.sql.sqlite_file import SqliteFile

READERS = 4
TURN_SECONDS = 15.0  # how long a call waits for its turn; past it, `Unavailable`

_ALWAYS = ("trusted_schema = OFF", "cell_size_check = ON")
_WRITES = ("synchronous = FULL", "secure_delete = ON", "journal_size_limit = 67108864", "cache_size = -4096")


def writer(file: SqliteFile, busy_seconds: float) -> Engine:
    """One connection. A transaction takes the write lock when it begins, so that it never fails halfway for want of it."""
    return _engine(file, "BEGIN IMMEDIATE", (*_ALWAYS, *_WRITES, "foreign_keys = ON"), busy_seconds, _pool(1))


def readers(file: SqliteFile, busy_seconds: float) -> Engine:
    """A few connections that cannot write; each transaction sees the database as it was when it first read."""
    return _engine(file, "BEGIN", (*_ALWAYS, "query_only = ON"), busy_seconds, _pool(READERS))


def migrator(file: SqliteFile, busy_seconds: float) -> Engine:
    """For one migration: without foreign keys, or rebuilding a table would delete what refers to it."""
    return _engine(file, "BEGIN IMMEDIATE", (*_ALWAYS, *_WRITES, "foreign_keys = OFF"), busy_seconds, {"poolclass": NullPool})


def _pool(connections: int) -> dict[str, Any]:
    return {"poolclass": QueuePool, "pool_size": connections, "max_overflow": 0}


def _engine(file: SqliteFile, begin: str, pragmas: tuple[str, ...], busy_seconds: float, pool: dict[str, Any]) -> Engine:
    """`mode=rw`: a file that vanished is an error, not a reason to make an empty one.

    Python's sqlite3 opens transactions late and not for every statement, so it is told to leave that alone (`isolation_level`)
    and `begin` opens them: https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#sqlite-transactions
    """
    url = URL.create("sqlite+pysqlite", database=file.address, query={"mode": "rw", "uri": "true"})
    engine = create_engine(url, connect_args={"timeout": busy_seconds, "isolation_level": None, "check_same_thread": False}, **pool)

    def set_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def open_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    def judge(context: ExceptionContext) -> None:
        if breaks_connection(context.original_exception):
            context.is_disconnect = True

    event.listen(engine, "connect", set_pragmas)
    event.listen(engine, "begin", open_transaction)
    event.listen(engine, "handle_error", judge)
    return engine
