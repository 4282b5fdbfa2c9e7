"""Migrations: up and down with data, all or nothing, newer and foreign databases refused, and no Alembic when there is nothing to do."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import alembic.command
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.role import Role
from fourhands.model.room import Member, Room
from fourhands.store.sql import schema, sqlite
from fourhands.store.sql.sqlite_file import SqliteFile
from fourhands.store.sql.store import SqlStore
from fourhands.store.sql.tables import metadata


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_head_names_the_newest_revision() -> None:
    folder = Path(schema.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == schema.HEAD


async def test_a_migration_that_fails_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = alembic.command.upgrade

    def upgrade_and_fail(*arguments: object) -> None:
        upgrade(*arguments)  # pyright: ignore[reportArgumentType]
        raise RuntimeError("the power went")

    store = SqlStore(f"sqlite:///{path}")
    with monkeypatch.context() as patched:
        patched.setattr(alembic.command, "upgrade", upgrade_and_fail)
        with pytest.raises(RuntimeError, match="the power went"):
            await store.start()
    assert tables(path) == set()
    await store.start()
    await store.stop()
    assert tables(path) == {"alembic_version", *metadata.tables}


async def test_a_database_from_a_newer_version_is_refused_untouched(store: SqlStore, path: Path, room: Room) -> None:
    await store.stop()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unavailable, match=r"newer version of fourhands \(schema 9999, this version knows"):
        await store.start()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
        assert connection.execute("SELECT id FROM rooms").fetchall() == [(room.id,)]


async def test_the_database_of_another_program_is_refused_untouched(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE rooms (beds INTEGER)")
    with pytest.raises(Unavailable, match="another program"):
        await SqlStore(f"sqlite:///{path}").start()
    assert tables(path) == {"rooms"}


async def test_a_start_with_nothing_to_migrate_does_not_load_alembic(store: SqlStore, path: Path) -> None:
    await store.stop()
    code = f"""
import asyncio, sys
from fourhands.store.sql.store import SqlStore
store = SqlStore("sqlite:///{path}")
asyncio.run(store.start())
print("alembic" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
