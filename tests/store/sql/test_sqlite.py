"""The settings that durability and speed rest on, read back on the real connections."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from fourhands.errors import Unavailable
from fourhands.store.sql import sqlite
from fourhands.store.sql.sqlite_file import SqliteFile
from fourhands.store.sql.store import SqlStore


async def pragmas(connection: AsyncConnection) -> dict[str, object]:
    names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "secure_delete", "trusted_schema", "query_only")
    return {name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one() for name in names}


WRITER = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 200, "foreign_keys": 1, "secure_delete": 1, "trusted_schema": 0, "query_only": 0}


async def test_the_writer_syncs_every_commit_and_keeps_references_whole(store: SqlStore) -> None:
    assert await store.database.write(pragmas) == WRITER


async def test_a_fresh_writer_connection_is_set_the_same(store: SqlStore) -> None:
    async def driver(connection: AsyncConnection) -> object:
        return (await connection.get_raw_connection()).driver_connection

    async def lose_the_connection(connection: AsyncConnection) -> None:
        await connection.invalidate()
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


async def test_connecting_to_a_file_that_is_not_there_does_not_make_one(path: Path) -> None:
    engine, before = sqlite.writer(SqliteFile(path), 1), set(threading.enumerate())
    with pytest.raises(OperationalError, match="unable to open"):
        await engine.connect()
    assert not path.exists()
    await engine.dispose()
    for thread in set(threading.enumerate()) - before:  # the driver's, which still tells the loop that it ends
        await asyncio.to_thread(thread.join)
