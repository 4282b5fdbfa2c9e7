"""What operators ask of a database file as a whole; tests/test_journal_commands.py asks by the commands."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.room import Room
from fourhands.store.sql.store import SqlStore


def test_a_database_that_is_not_there_is_not_made(path: Path) -> None:
    with pytest.raises(Unavailable, match="no database at"):
        SqlStore(f"sqlite:///{path}").require_file()
    assert not path.exists()


def test_an_empty_file_is_not_taken_for_a_database(path: Path) -> None:
    path.touch()
    with pytest.raises(Unavailable, match="is empty"):
        SqlStore(f"sqlite:///{path}").require_file()
    assert not path.stat().st_size


async def test_a_sound_file_has_no_faults_and_a_damaged_log_is_one(store: SqlStore, room: Room, path: Path) -> None:
    await store.commit({room.id: [Entry(EntryKind.CHAT, b"{}", 5)]})
    assert await store.file_faults() == []
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO log (payload) VALUES (CAST('x' AS BLOB))")
    [fault] = await store.file_faults()
    assert "log cannot be read" in fault


async def test_what_is_free_is_given_back(store: SqlStore, room: Room) -> None:
    await store.commit({room.id: [Entry(EntryKind.CHAT, b"x" * 1_000_000, 5)]})
    await store.fold()
    await store.end_room(room.id, 9)
    await store.fold()
    before = await store.size_bytes()
    await store.vacuum()
    assert await store.size_bytes() < before // 4


async def test_who_reads_meanwhile_is_named(store: SqlStore, room: Room, path: Path) -> None:
    await store.commit({room.id: [Entry(EntryKind.CHAT, b"x", 5)]})
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM rooms").fetchall()
        with pytest.raises(Unavailable, match="reads the database"):
            await store.vacuum()
