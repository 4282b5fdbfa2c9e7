"""Brings a database to the schema that this version works with. Alembic is imported only when there is something to migrate:
it is slow to import, and every start passes here. A new file of SQLite needs no migration: `new_file.sql` makes it at once."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, String, column, inspect, select, table

from fourhands.store.sql.failures import FOREIGN, unavailable

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0009"
"""The newest revision in `migrations/versions/`; a test compares."""

NEW_FILE = Path(__file__).with_name("new_file.sql")
"""What all migrations leave of an empty file, as SQLite tells it (`python -m tests.store.sql.new_file` writes it; a test compares)."""
STATEMENT_END = ";\n\n"

_VERSION = select(column("version_num", String)).select_from(table("alembic_version"))


def alembic_config(connection: Connection) -> "Config":
    """Alembic's configuration for that connection; its commands run inside the connection's transaction."""
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def revision(connection: Connection) -> str | None:
    """The schema's revision; None for a database without any table. Raises `Unavailable` if the tables are not ours."""
    names = inspect(connection).get_table_names()
    if "alembic_version" in names:
        found = connection.execute(_VERSION).scalar_one_or_none()
        if found is not None:
            return found
        names.remove("alembic_version")
    if names:
        raise unavailable(FOREIGN)
    return None


def require_head(found: str | None) -> None:
    """For whoever may not change it. Raises `Unavailable`."""
    if found != HEAD:
        raise unavailable("The database was made by another version of fourhands. Start the server of this version on it first.")


def upgrade(connection: Connection, to: str = HEAD) -> None:
    """Bring the schema to that revision, or the newest. Raises `Unavailable` if a newer version of the program made it."""
    found = revision(connection)
    if found == to:
        return
    if found is None and to == HEAD and connection.dialect.name == "sqlite":
        _make_tables(connection)
        return
    from alembic import command  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = alembic_config(connection)
    for known in (found, to):
        try:
            if known is not None:
                ScriptDirectory.from_config(config).get_revision(known)
        except CommandError as error:
            raise unavailable(
                f"The database was made by a newer version of fourhands (schema {known}, this version knows {HEAD}). Nothing was changed: "
                "install that version again, or name another database in DATABASE_URL."
            ) from error
    command.upgrade(config, to)
    if connection.dialect.name == "postgresql":
        _order_by_bytes(connection)


def _make_tables(connection: Connection) -> None:
    """https://alembic.sqlalchemy.org/en/latest/cookbook.html#building-an-up-to-date-database-from-scratch"""
    for statement in NEW_FILE.read_text("utf-8").split(STATEMENT_END):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (HEAD,))


def _order_by_bytes(connection: Connection) -> None:
    """PostgreSQL compares no texts of two collations: columns that a migration has added get the one that all others have (0008)."""
    others = (
        "SELECT table_name, column_name, character_maximum_length FROM information_schema.columns WHERE table_schema = current_schema() "
        "AND data_type = 'character varying' AND collation_name IS DISTINCT FROM 'C' AND table_name <> 'alembic_version'"
    )
    for name, column_name, length in connection.exec_driver_sql(others).all():
        kind = "varchar" if length is None else f"varchar({length})"
        connection.exec_driver_sql(f'ALTER TABLE "{name}" ALTER "{column_name}" TYPE {kind} COLLATE "C"')
