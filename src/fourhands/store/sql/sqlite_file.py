"""A SQLite database as a file: made for its owner alone, checked before it is used, told from another file of its name.

`engine` calls it before it connects. It uses plain sqlite3, in a thread: nothing here may touch the event loop.
"""

import fcntl
import os
import sqlite3
import stat
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL

from fourhands.errors import InvalidRequest
from fourhands.store.sql.failures import DAMAGED, FOREIGN, translated, unavailable

OLDEST_SQLITE = (3, 35, 0)  # RETURNING
QUICK_CHECK_BYTES = 32 * 1024 * 1024  # a bigger file is not read through at every start
MAGIC = b"SQLite format 3\0"
WAL_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """A database file by its absolute path."""

    path: Path

    @classmethod
    def from_url(cls, url: URL) -> "SqliteFile":
        """The file that `sqlite:///PATH` names. Raises `InvalidRequest` for what cannot keep anything."""
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise InvalidRequest("A database in memory keeps nothing: write the URL as sqlite:///PATH.")
        if url.query or url.host or url.username:
            raise InvalidRequest("A SQLite URL is written as sqlite:///PATH, without options.")
        return cls(Path(url.database).resolve())  # SQLite's own files lie beside the real one too

    @property
    def address(self) -> str:
        """SQLite's URI without options (https://www.sqlite.org/uri.html)."""
        return _address(self.path)

    def prepare(self, busy_seconds: float) -> None:
        """Make the folder and the file if need be, check them, switch to write-ahead logging. Raises `Unavailable`."""
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise unavailable(f"SQLite {sqlite3.sqlite_version} is too old: at least 3.35 is needed.")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._refuse_lone_log()
            if self.path.exists():
                self._close_to_the_world()
            else:
                self._make(busy_seconds)
            size = self.path.stat().st_size
            with self.path.open("rb") as file:
                head = file.read(len(MAGIC))
        except OSError as error:
            raise unavailable(f"The database file {self.path} cannot be made or opened: {error.strerror}.") from error
        if not size:
            raise unavailable(f"The database file {self.path} is empty: what it held is lost. Put a backup in its place; if it never held anything, remove it.")
        if head != MAGIC:
            raise unavailable(DAMAGED)
        self._check(busy_seconds, through=size <= QUICK_CHECK_BYTES)
        self._require_wal(self.path, busy_seconds)

    def _check(self, busy_seconds: float, *, through: bool) -> None:
        """Raises `Unavailable` for a damaged file (`through`: read all of it) and for another program's. By a connection that
        cannot write: one that can would change the file's header, and bring SQLite's log into it when it is closed."""
        with translated(), closing(sqlite3.connect(f"{self.address}?mode=ro", uri=True, timeout=busy_seconds)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0] if through else "ok"
            if found != "ok":
                raise unavailable(f"{DAMAGED} (SQLite says: {found})")
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if names and not {"alembic_version", "rooms"} <= names:
                raise unavailable(FOREIGN)

    def identity(self) -> tuple[int, int]:
        """Device and inode, which tell this file from a later one of the same name. Raises `Unavailable` if it is gone."""
        try:
            found = self.path.stat()
        except OSError as error:
            raise unavailable(f"The database file {self.path} is gone. Put a backup in its place and restart the server.") from error
        return found.st_dev, found.st_ino

    def _refuse_lone_log(self) -> None:
        """A file that is gone or empty while its log holds something was lost, not new; SQLite would throw the log away."""
        log = self.path.with_name(self.path.name + "-wal")
        if log.exists() and log.stat().st_size and not (self.path.exists() and self.path.stat().st_size):
            raise unavailable(f"The database file {self.path} is missing or empty, but its log {log.name} is not. {DAMAGED}")

    def _make(self, busy_seconds: float) -> None:
        """Put a file in its place that is a database already: a first start that is cut off leaves no empty one, which would look like one that was lost."""
        new = self.path.with_name(self.path.name + ".new")
        for rest in ("", "-journal", "-wal", "-shm"):  # of such a start
            new.with_name(new.name + rest).unlink(missing_ok=True)
        os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        self._require_wal(new, busy_seconds)
        new.rename(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _close_to_the_world(self) -> None:
        mode = stat.S_IMODE(self.path.stat().st_mode)
        if mode & 0o007:  # a group may be the operator's choice, the world is not
            self.path.chmod(mode & ~0o007)

    def _require_wal(self, path: Path, busy_seconds: float) -> None:
        """Switch to write-ahead logging. Raises `Unavailable` where that cannot be."""
        with translated(), closing(sqlite3.connect(f"{_address(path)}?mode=rw", uri=True, timeout=busy_seconds)) as connection:
            if _into_wal(connection, busy_seconds) != "wal":
                raise unavailable(f"The folder of {self.path} cannot hold a database (no shared memory, as on some network disks). Choose a local one.")


class ServerLock:
    """Says that one server has this database: what it keeps in memory beside the file must be all there is.

    A file of its own beside the database: closing any other handle of the database file would give up SQLite's locks on
    it. The system gives the lock back when the process ends, however it ends.
    """

    def __init__(self, path: Path, handle: int) -> None:
        self._path = path
        self._handle = handle

    @classmethod
    def take(cls, file: SqliteFile) -> "ServerLock":
        """Raises `Unavailable` if another server has it."""
        path = file.path.with_name(file.path.name + ".lock")
        while True:
            try:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            except OSError as error:
                raise unavailable(f"The lock file {path} cannot be made: {error.strerror}.") from error
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_at(path, handle):
                    return cls(path, handle)
            except BlockingIOError as error:
                os.close(handle)
                raise unavailable(f"Another server works with {file.path} already: stop it, or give this one another database.") from error
            except OSError as error:
                os.close(handle)
                raise unavailable(f"The folder of {file.path} cannot lock files ({error.strerror}). Choose a local one.") from error
            os.close(handle)  # its last holder removed it between our two steps

    def release(self) -> None:
        """Leave no file behind; removed while it is held, so that nobody holds a removed one for long."""
        with suppress(OSError):
            self._path.unlink()
        os.close(self._handle)


def _address(path: Path) -> str:
    return "file:" + quote(str(path))


def _is_at(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _into_wal(connection: sqlite3.Connection, busy_seconds: float) -> str:
    """Switch to write-ahead logging; the mode that the file is in then. Raises `sqlite3.OperationalError` if it stays locked.

    SQLite's own waiting does not cover this switch: two servers that start on a new file at once meet here.
    """
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(WAL_PAUSE_SECONDS)
