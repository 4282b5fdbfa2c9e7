"""What operators ask of the database as a whole: is the file sound, how large is it, give back what is free."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection

from fourhands.errors import FourhandsError, Unavailable
from fourhands.store.sealing import Sealer
from fourhands.store.sql.engine import Database
from fourhands.store.sql.failures import unavailable
from fourhands.store.sql.log import written

MOST_FAULTS = 20


def require_file(path: Path) -> None:
    """Raises `Unavailable` if there is no database: whoever wants to look at one must not make one by a typing mistake."""
    if not path.exists():
        raise unavailable(f"There is no database at {path}. Name its folder with --data-dir, or the database with DATABASE_URL.")
    if not path.stat().st_size:
        raise unavailable(f"The file {path} is empty: nothing was ever written to it, or all of it was lost. Put a backup in its place.")


def size_bytes(path: Path) -> int:
    """Of the file and SQLite's own log beside it."""
    return sum(one.stat().st_size for one in (path, path.with_name(path.name + "-wal")) if one.exists())


def faults(connection: Connection, sealer: Sealer) -> Sequence[str]:
    """What is wrong with the file itself, and with the journal's log in it, a sentence each."""
    found = [str(row[0]) for row in connection.exec_driver_sql(f"PRAGMA integrity_check({MOST_FAULTS})")]
    sentences = [] if found == ["ok"] else [f"The database file is damaged. SQLite says: {one}." for one in found]
    try:
        for _ in written(connection, sealer):
            pass
    except FourhandsError as error:
        sentences.append(str(error))
    return sentences


async def vacuum(database: Database) -> None:
    """Write the file anew without what is free in it. Raises `Unavailable`, also if the disk has no room for a copy."""

    def job() -> None:
        with database.driver() as driver:
            driver.execute("VACUUM")
            busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise Unavailable("Somebody reads the database, so its log stays large for now. Try again when nobody does.", "database")

    await database.on_writer(job)
