"""Migrations: up and down with data, all or nothing, newer and foreign databases refused, and no Alembic when there is nothing to migrate."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import alembic.command
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.role import Role
from fourhands.model.room import Member, Room
from fourhands.store.snapshots import Snapshot
from fourhands.store.sql import schema, sqlite
from fourhands.store.sql.sqlite_file import SqliteFile
from fourhands.store.sql.store import SqlStore
from fourhands.store.sql.tables import metadata
from tests.store.sql.new_file import migrate


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")}


def test_head_names_the_newest_revision() -> None:
    folder = Path(schema.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == schema.HEAD


def described(path: Path) -> dict[str, object]:
    """All that SQLite knows of the tables, indexes and triggers of a file, and which revision they are of."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT type, name, tbl_name FROM sqlite_master").fetchall()
        told: dict[str, object] = {"all": sorted(names), "revision": connection.execute("SELECT * FROM alembic_version").fetchall()}
        for kind, name, _ in names:
            pragmas = ["table_xinfo", "foreign_key_list"] if kind == "table" else ["index_xinfo"] if kind == "index" else []
            told[name] = [connection.execute(f"SELECT * FROM pragma_{pragma}(?)", (name,)).fetchall() for pragma in pragmas]
            written = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0] or ""
            told[f"{name} as text"] = "".join(written.split()).replace('"', "")
    return told


async def test_a_new_file_is_what_all_migrations_would_have_made_of_it(path: Path) -> None:
    migrated = path.with_name("migrated.db")
    migrate(migrated)
    store = SqlStore(f"sqlite:///{path}")
    await store.start()
    await store.stop()
    assert described(path) == described(migrated), "python -m tests.store.sql.new_file writes new_file.sql again"


async def test_a_new_file_that_cannot_be_made_stays_empty(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = path.with_name("broken.sql")
    broken.write_text(schema.NEW_FILE.read_text() + schema.STATEMENT_END + "CREATE TABLE log (twice INTEGER)")
    store = SqlStore(f"sqlite:///{path}")
    with monkeypatch.context() as patched:
        patched.setattr(schema, "NEW_FILE", broken)
        with pytest.raises(Unavailable):
            await store.start()
    assert tables(path) == set()
    await store.start()
    await store.stop()
    assert tables(path) == {"alembic_version", *metadata.tables}


async def test_a_migration_that_fails_leaves_all_as_it_was(path: Path, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    write_0001(path, room)
    before = tables(path)
    upgrade = alembic.command.upgrade

    def upgrade_and_fail(*arguments: object) -> None:
        upgrade(*arguments)  # pyright: ignore[reportArgumentType]
        raise RuntimeError("the power went")

    store = SqlStore(f"sqlite:///{path}")
    with monkeypatch.context() as patched:
        patched.setattr(alembic.command, "upgrade", upgrade_and_fail)
        with pytest.raises(RuntimeError, match="the power went"):
            await store.start()
    assert tables(path) == before
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
    before = path.read_bytes()
    with pytest.raises(Unavailable, match="another program"):
        await SqlStore(f"sqlite:///{path}").start()
    assert path.read_bytes() == before


@pytest.mark.parametrize("is_new", [False, True])
async def test_a_start_with_nothing_to_migrate_does_not_load_alembic(store: SqlStore, path: Path, is_new: bool) -> None:
    await store.stop()
    if is_new:
        path.unlink()
    code = f"""
import asyncio, sys
from fourhands.store.sql.store import SqlStore
store = SqlStore("sqlite:///{path}")
asyncio.run(store.start())
print("alembic" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"


def write_0001(path: Path, room: Room) -> None:
    """A database as the first version left it: edits of a commit in one row, a snapshot, a room whose row is damaged."""
    engine = sqlite.migrator(SqliteFile(path), 1)
    path.touch()

    def up(connection: Connection) -> None:
        alembic.command.upgrade(schema.alembic_config(connection), "0001")

    def edits(*some: tuple[int, int, bytes]) -> bytes:
        parts = [b"\x01\x02\x03ada\x03lin", bytes([len(some)])]
        parts += [bytes([author, passed, len(update)]) + update for author, passed, update in some]
        return b"".join(parts)

    with engine.begin() as connection:
        up(connection)
        for room_id, head in ((room.id, 4), ("damaged", 1)):
            connection.exec_driver_sql("INSERT INTO rooms VALUES (?, 'Two sum', 'python', 'editor', 0, 'e1', 1, 9, NULL, ?)", (room_id, head))
        connection.exec_driver_sql("INSERT INTO members VALUES (?, 'ada', 'Ada é', '#c2410c', 'host', 1)", (room.id,))
        for position, kind, payload in (
            (1, "edits", edits((0, 5, b"one"), (1, 1, b"two"))),
            (2, "chat", b'{"member": "lin"}'),
            (3, "edits", edits((1, 7, b"three"))),
            (4, "edits", edits((0, 8, b"four"), (0, 1, b"five"))),
        ):
            connection.exec_driver_sql("INSERT INTO journal VALUES (?, ?, ?, ?, ?)", (room.id, position, kind, 6, payload))
        connection.exec_driver_sql("INSERT INTO journal VALUES ('damaged', 1, 'edits', 6, ?)", (b"\x01\x09rubbish",))
        connection.exec_driver_sql("INSERT INTO snapshots VALUES (?, 3, ?)", (room.id, b"the state after three"))
    engine.dispose()


async def test_rows_of_the_first_version_become_positions_of_their_own(path: Path, room: Room) -> None:
    write_0001(path, room)
    store = SqlStore(f"sqlite:///{path}")
    await store.start()
    shown = [(one.position, one.kind.value, one.member, one.at_ms, one.payload) for one in await store.entries(room.id, 0, 99)]
    assert shown == [
        (1, "edit", "ada", 5, b"one"),
        (2, "edit", "lin", 6, b"two"),
        (3, "chat", "lin", 6, b'{"member": "lin"}'),
        (4, "edit", "lin", 7, b"three"),
        (5, "edit", "ada", 8, b"four"),
        (6, "edit", "ada", 9, b"five"),
    ]
    stored = await store.load(room.id)
    assert stored is not None
    assert (stored.head, stored.snapshot) == (6, Snapshot(4, b"the state after three"))
    assert [one.payload for one in stored.edits] == [b"four", b"five"]
    assert (stored.room.title, await store.member(room.id, "ada")) == ("Two sum", Member("ada", room.id, "Ada é", "#c2410c", Role.HOST, 1))
    assert await store.faults(room.id) == []
    assert [one.payload for one in await store.entries("damaged", 0, 9)] == [b"\x01\x09rubbish"], "still there, and still refused by whoever opens it"
    assert (await store.commit({room.id: [Entry(EntryKind.EDIT, b"six", 10)]})).heads == {room.id: 7}
    assert tables(path) == {"alembic_version", *metadata.tables}
    await store.stop()


async def test_accounts_come_and_go_without_a_room_being_touched(path: Path, room: Room) -> None:
    write_0001(path, room)
    engine = sqlite.migrator(SqliteFile(path), 1)
    people = "SELECT room_id, id, role, joined_at_ms FROM members"
    with engine.begin() as connection:
        config = schema.alembic_config(connection)
        alembic.command.upgrade(config, "0003")
        before = connection.exec_driver_sql("SELECT * FROM rooms").all(), connection.exec_driver_sql("SELECT * FROM members").all()
        alembic.command.upgrade(config, "0004")
        connection.exec_driver_sql("UPDATE members SET account_id = 'a'")
        assert connection.exec_driver_sql(people).all() == [(room.id, "ada", "host", 1)]
        alembic.command.downgrade(config, "0003")
        assert not {"accounts", "logins", "teams"} & set(inspect(connection).get_table_names())
        assert (connection.exec_driver_sql("SELECT * FROM rooms").all(), connection.exec_driver_sql("SELECT * FROM members").all()) == before
    engine.dispose()
