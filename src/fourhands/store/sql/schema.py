"""Brings a database to the schema that this version works with. Alembic is imported only when there is something to do:
it is slow to import, and every start passes here."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, String, column, inspect, select, table

from fourhands.store.sql.failures import FOREIGN, unavailable

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0009"
"""The newest revision in `migrations/versions/`; a test compares."""

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


def upgrade(connection: Connection) -> None:
    """Bring the schema to `HEAD`. Raises `Unavailable` if a newer version of the program made it."""
    found = revision(connection)
    if found == HEAD:
        return
    from alembic import command  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = alembic_config(connection)
    if found is not None:
        try:
            ScriptDirectory.from_config(config).get_revision(found)
        except CommandError as error:
            raise unavailable(
                f"The database was made by a newer version of fourhands (schema {found}, this version knows {HEAD}). Nothing was changed: "
                "install that version again, or name another database in DATABASE_URL."
            ) from error
    command.upgrade(config, HEAD)
