"""What a failure of PostgreSQL means here, by its SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html). Knows no driver:
it is asked on SQLite's way as well, where asyncpg is never loaded."""

import ssl
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from fourhands.errors import Conflict, FourhandsError, InvalidRequest, NotFound
from fourhands.store.sql.failures import unavailable

AGAIN = "Nothing was written; it is tried again."
_STATES = {
    "28": "The database server {where} refuses the user or the password: see that DATABASE_URL names both as the server knows them "
    "(characters such as @ and / are written %40 and %2F there), and that pg_hba.conf lets this machine in.",
    "3D000": "The database server {where} has no such database: make it (createdb NAME), or name another one in DATABASE_URL.",
    "42501": "The database's user may not do this {where}. Make it the owner of the database: ALTER DATABASE ... OWNER TO ...",
    "42P01": "Tables of the database are gone {where}. Restart the server, or put a backup in its place.",
    "42704": "The database server {where} does not know an option that DATABASE_URL names: leave out what stands behind its question mark and is not libpq's.",
    "53100": f"The disk of the database server {{where}} is full. {AGAIN}",
    "53300": f"The database server {{where}} takes no more connections: raise its max_connections, or lower FOURHANDS_DATABASE_POOL_SIZE. {AGAIN}",
    "53": f"The database server {{where}} has too little memory or disk. {AGAIN}",
    "25006": f"The database server {{where}} only lets read: it follows another one. Name that one in DATABASE_URL. {AGAIN}",
    "55P03": f"The database was locked for too long. {AGAIN}",
    "57014": f"The database took too long to answer. {AGAIN}",
    "57": f"The database server {{where}} stops or starts at the moment. {AGAIN}",
    "40": f"The database was busy with the same rows. {AGAIN}",
    "08": f"The connection to the database server {{where}} was lost. {AGAIN}",
    "XX001": "The database is damaged {where}: what was read is not what was written. Put a backup in its place.",
    "XX002": "An index of the database is damaged {where}: REINDEX mends it, if the tables are sound (fourhands journal check).",
    "58": f"The disk of the database server {{where}} does not answer as it should. {AGAIN}",
}
AWAY = f"The database server {{where}} does not answer. See that it runs and that DATABASE_URL names its address. {AGAIN}"
UNSAFE = "The connection to the database server {where} could not be made safe ({why}). See sslmode and sslrootcert in DATABASE_URL."
NO_TEXT = "This text has a character that cannot be kept (a NUL)."

AGAIN_AT_ONCE = ("40001", "40P01")
"""Two transactions met, and this one gave way: done again, it goes through."""

_LEAVES_NO_CONNECTION = ("08", "57", "25006", "58", "XX")


def state_of(error: BaseException | None) -> str:
    """The SQLSTATE that a driver's error carries, itself or as its cause; empty for none."""
    return next((state for one in _chain(error) if isinstance(state := getattr(one, "sqlstate", None), str)), "")


def breaks_connection(error: BaseException | None) -> bool:
    """Whether connections made before must not be used again: the server stopped, or is another one now."""
    return state_of(error).startswith(_LEAVES_NO_CONNECTION)


def meaning(error: BaseException, where: str, clash: str, missing: str) -> FourhandsError | None:
    """What a failure says in our words; None for mistakes of ours. `where`: "at HOST:PORT"."""
    state = state_of(error)
    match state:
        case "23505":
            return Conflict(clash)
        case "23503":
            return NotFound(missing)
        case "22021" | "22P05":
            return InvalidRequest(NO_TEXT)
        case _:
            pass
    for known in (state, state[:2]):
        if known in _STATES:
            return unavailable(_STATES[known].format(where=where))
    misread = next((one for one in _chain(error) if type(one).__name__ == _MISREAD), None)
    if misread is not None:
        return unavailable(f"DATABASE_URL does not tell how the database server {where} is reached: {misread}.")
    for one in _chain(error):
        if isinstance(one, ssl.SSLError) or (isinstance(one, ConnectionError) and "SSL" in str(one)):
            return unavailable(UNSAFE.format(where=where, why=_why_unsafe(one)))
        if isinstance(one, NoConnectionFree):
            return unavailable(f"The database is too busy at the moment. {AGAIN}")
        if isinstance(one, OSError | TimeoutError) or type(one).__name__ in _LOST:
            return unavailable(AWAY.format(where=where))
    return None


_LOST = {"ConnectionDoesNotExistError", "InterfaceError", "ConnectionFailureError", "InternalClientError"}
"""Names of the driver's own errors that carry no SQLSTATE: it has no connection (any more)."""
_MISREAD = "ClientConfigurationError"
"""What the driver calls a URL that it cannot follow."""


@contextmanager
def translated(where: str, *, clash: str = "That is there already.", missing: str = "There is no such room.") -> Generator[None]:
    """Raise what happens inside in our words."""
    try:
        yield
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        ours = meaning(error, where, clash, missing)
        if ours is None:
            raise
        try:
            raise ours from (error.orig if isinstance(error, DBAPIError) else error)
        finally:
            del ours
    except Exception as error:
        ours = meaning(error, where, clash, missing) if state_of(error) or type(error).__name__ in (*_LOST, _MISREAD) else None
        if ours is None:
            raise
        raise ours from error


def _why_unsafe(error: BaseException) -> str:
    """What is wrong with a certificate, if that is it; else what OpenSSL calls it."""
    return getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what SQLAlchemy wraps, and what caused it."""
    while error is not None:
        yield error
        original = getattr(error, "orig", None)
        error = original if isinstance(original, BaseException) else error.__cause__
