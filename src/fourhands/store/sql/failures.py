"""What a driver's failure means here: every error that leaves this package is one of `fourhands.errors`, or a mistake of ours."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from fourhands.errors import Conflict, FourhandsError, NotFound, Unavailable

DAMAGED = "The database file is damaged. Nothing was written to it, and it is not taken for an empty one: put a backup in its place and start again."
FOREIGN = "The database holds the tables of another program. Name another one in DATABASE_URL."

# https://www.sqlite.org/rescode.html; the low byte is the primary code.
_SENTENCES = {
    sqlite3.SQLITE_BUSY: "The database is locked by another program. Nothing was written; it is tried again.",
    sqlite3.SQLITE_LOCKED: "The database is locked. Nothing was written; it is tried again.",
    sqlite3.SQLITE_READONLY: "The database file cannot be written to. Make it and its folder writable for the server.",
    sqlite3.SQLITE_IOERR: "The disk that the database lies on does not answer as it should. Nothing was written; it is tried again.",
    sqlite3.SQLITE_FULL: "The disk is full. Nothing was written; it is tried again when there is room.",
    sqlite3.SQLITE_CANTOPEN: "The database file cannot be opened. See that it is there and that the server may read and write it and its folder.",
    sqlite3.SQLITE_NOMEM: "The server has too little memory for its database. Nothing was written; it is tried again.",
    sqlite3.SQLITE_PROTOCOL: "The database is locked by another program. Nothing was written; it is tried again.",
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}

# After these a connection is not trusted any more: it is closed, and the next call opens a fresh one.
_BREAKING = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
}


def unavailable(message: str) -> Unavailable:
    """The database is away, and why."""
    return Unavailable(message, "database")


def _code(error: BaseException | None) -> int:
    """SQLite's primary result code; 0 if the driver raised on its own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def breaks_connection(error: BaseException | None) -> bool:
    """Whether the connection that raised this driver error must not be used again."""
    return _code(error) in _BREAKING


def meaning(error: BaseException | None, clash: str, missing: str) -> FourhandsError | None:
    """What a driver error says in our words; None for mistakes of ours (bad SQL, bad values)."""
    match getattr(error, "sqlite_errorcode", 0):
        case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY | sqlite3.SQLITE_CONSTRAINT_UNIQUE:
            return Conflict(clash)
        case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
            return NotFound(missing)
        case _:
            pass
    sentence = _SENTENCES.get(_code(error))
    if sentence is not None:
        return unavailable(sentence)
    if isinstance(error, sqlite3.OperationalError) and "decode to UTF-8" in str(error):
        return unavailable(DAMAGED)
    if isinstance(error, sqlite3.OperationalError):
        return unavailable(f"The database cannot be used: {error}.")
    return None


@contextmanager
def translated(*, clash: str = "That is there already.", missing: str = "There is no such room.") -> Generator[None]:
    """Raise what happens inside in our words. `clash` and `missing`: sentences for `Conflict` and `NotFound`."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        ours = meaning(error.orig if isinstance(error, DBAPIError) else error, clash, missing)
        if ours is None:
            raise
        try:
            raise ours from error
        finally:
            del ours  # its traceback refers to this frame, and to what was being written
    except UnicodeDecodeError as error:  # from the driver: what is stored as text is none
        raise unavailable(DAMAGED) from error
    except NoConnectionFree as error:
        raise unavailable("The database is too busy at the moment. Nothing was written; it is tried again.") from error
