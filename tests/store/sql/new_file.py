"""What the migrations make of an empty file of SQLite. `python -m tests.store.sql.new_file` writes it down, for new files to be made at once."""

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import alembic.command

from fourhands.store.sql import schema, sqlite
from fourhands.store.sql.sqlite_file import SqliteFile


def migrate(path: Path) -> None:
    """Make that file by all migrations, one after the other."""
    path.touch()
    engine = sqlite.migrator(SqliteFile(path), 1)
    with engine.begin() as connection:
        alembic.command.upgrade(schema.alembic_config(connection), "head")
    engine.dispose()


def statements(path: Path) -> list[str]:
    """What makes the tables, indexes and triggers of that file, in an order in which it can be done."""
    with closing(sqlite3.connect(path)) as connection:
        written = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*' ORDER BY rowid").fetchall()
    return ["\n".join(line.rstrip() for line in text.strip().splitlines()) for (text,) in written]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rooms.db"
        migrate(path)
        schema.NEW_FILE.write_text(schema.STATEMENT_END.join(statements(path)) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
