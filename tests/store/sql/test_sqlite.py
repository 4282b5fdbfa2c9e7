"""The settings that durability and speed rest on, read back on the real connections."""

from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from fourhands.errors import Unavailable
from fourhands.store.sql import sqlite
from fourhands.store.sql.sqlite_file import SqliteFile
from fourhands.store.sql.store import SqlStore


def pragmas(connection: Connection) -> dict[str, object]:
    names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "secure_delete", "trusted_schema", "query_only")
    return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}


WRITER = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 200, "foreign_keys": 1, "secure_delete": 1, "trusted_schema": 0, "query_only": 0}


async def test_the_writer_syncs_every_commit_and_keeps_references_whole(store: SqlStore) -> None:
    assert await store.database.write(pragmas) == WRITER


async def test_a_fresh_writer_connection_is_set_the_same(store: SqlStore) -> None:
    def driver(connection: Connection) -> object:
        return connection.connection.driver_connection

    def lose_the_connection(connection: Connection) -> None:
        connection.invalidate()
        raise ConnectionError

    used = await store.database.write(driver)
    assert await store.database.write(driver) is used
    with pytest.raises(ConnectionError):
        await store.database.write(lose_the_connection)
    assert await store.database.write(driver) is not used
    assert await store.database.write(pragmas) == WRITER


async def test_readers_cannot_write(store: SqlStore) -> None:
    read = await store.database.read(pragmas)
    assert (read["journal_mode"], read["busy_timeout"], read["query_only"]) == ("wal", 200, 1)
    with pytest.raises(Unavailable, match="cannot be written"):
        await store.database.read(lambda connection: connection.exec_driver_sql("DELETE FROM rooms"))


def test_connecting_to_a_file_that_is_not_there_does_not_make_one(path: Path) -> None:
    engine = sqlite.writer(SqliteFile(path), 1)
    with pytest.raises(OperationalError, match="unable to open"):
        engine.connect()
    assert not path.exists()
    engine.dispose()
