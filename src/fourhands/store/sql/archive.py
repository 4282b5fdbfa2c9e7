"""The file of a backup: rows of all tables, whichever database they came from. Knows no SQL.

gzip of frames, each 4 bytes of length and then msgpack: a header {"format", "version", "schema", "database", "made_at_ms"}; for each
table its name and columns, then batches of its rows; at the end for each table how many rows there are, and the SHA-256 over them one by one.
A file without its end was cut off, and is refused.
"""

import gzip
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

import msgspec

from fourhands.errors import InvalidRequest

FORMAT = 1
_MAGIC = b"fourhands backup\n"
_LEVEL = 1  # most of it is packed already
_LARGEST = 1 << 31
_encode = msgspec.msgpack.encode

Row = Sequence[Any]
Sums = dict[str, tuple[int, str]]
"""For each table how many rows it has, and the digest of all of them."""


class Header(msgspec.Struct, frozen=True):
    """What a backup is of. `schema`: the revision of its tables; `database`: "sqlite" or "postgresql"."""

    format: int
    version: str
    schema: str
    database: str
    made_at_ms: int


class Table(msgspec.Struct, frozen=True, tag="table"):
    name: str
    columns: list[str]


class Rows(msgspec.Struct, frozen=True, tag="rows"):
    rows: list[list[Any]]


class End(msgspec.Struct, frozen=True, tag="end"):
    tables: dict[str, tuple[int, str]]


_HEADER = msgspec.msgpack.Decoder(Header)
_PART = msgspec.msgpack.Decoder(Table | Rows | End)


class Sum:
    """Counts rows, and takes their digest."""

    def __init__(self) -> None:
        self.count = 0
        self._digest = sha256()

    def add(self, rows: Sequence[Row]) -> None:
        """The next ones."""
        self.count += len(rows)
        for row in rows:
            self._digest.update(_encode(row))

    @property
    def told(self) -> tuple[int, str]:
        """Both."""
        return self.count, self._digest.hexdigest()


class ArchiveWriter:
    """Writes a new file, for its owner alone; left behind only if all of it was written, and is on the disk. Raises `InvalidRequest` if it is there."""

    def __init__(self, path: Path, header: Header) -> None:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise InvalidRequest(f"{path} is there already: nothing is overwritten. Name another file.") from error
        self._path = path
        self._file = os.fdopen(handle, "wb")
        self._packed = gzip.GzipFile(fileobj=self._file, mode="wb", compresslevel=_LEVEL, mtime=0)
        self._packed.write(_MAGIC)
        self._frame(header)
        self._sums: dict[str, Sum] = {}
        self._sum = Sum()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if error is None:
                self._frame(End(self.sums))
                self._packed.close()
                self._file.flush()
                os.fsync(self._file.fileno())
        except BaseException:
            self._path.unlink(missing_ok=True)
            raise
        finally:
            self._file.close()
            if error is not None:
                self._path.unlink(missing_ok=True)

    def table(self, name: str, columns: Sequence[str]) -> None:
        """The next table; `rows` are its own from now on."""
        self._sum = self._sums[str(name)] = Sum()
        self._frame(Table(str(name), [str(column) for column in columns]))

    def rows(self, rows: Sequence[Row]) -> None:
        """Some rows, in the order of the columns."""
        self._sum.add(rows)
        self._frame(Rows([list(row) for row in rows]))

    @property
    def sums(self) -> Sums:
        """Of all that was written."""
        return {name: one.told for name, one in self._sums.items()}

    def _frame(self, part: Header | Table | Rows | End) -> None:
        encoded = _encode(part)
        self._packed.write(len(encoded).to_bytes(4, "big") + encoded)


class Archive:
    """A backup that is there. Raises `InvalidRequest` for what is none, or is not whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._opened() as file:
            self.header = cast("Header", self._frame(file, _HEADER))
        if self.header.format != FORMAT:
            raise InvalidRequest(f"{path} was made by a newer version of fourhands ({self.header.version}): restore it with that one.")

    def check(self) -> Sums:
        """Read all of it; its sums. Raises `InvalidRequest` if anything is not what was written."""
        told: dict[str, Sum] = {}
        for part in self.parts():
            match part:
                case Table(name):
                    told[name] = Sum()
                case Rows(rows):
                    told[next(reversed(told))].add(rows)
                case End(tables):
                    if {name: one.told for name, one in told.items()} != tables:
                        raise InvalidRequest(f"{self.path} is damaged: what it holds is not what was written.")
        return {name: one.told for name, one in told.items()}

    def parts(self) -> Iterator[Table | Rows | End]:
        """All of it, in order; the last is `End`. Raises `InvalidRequest`."""
        with self._opened() as file:
            self._frame(file, _HEADER)
            while True:
                part = cast("Table | Rows | End", self._frame(file, _PART))
                if isinstance(part, End):
                    self._require_over(file)
                    yield part
                    return
                yield part

    def _opened(self) -> gzip.GzipFile:
        file = gzip.open(self.path, "rb")  # noqa: SIM115 - its caller closes it
        try:
            if file.read(len(_MAGIC)) == _MAGIC:
                return file
        except (gzip.BadGzipFile, EOFError, zlib.error):
            pass
        file.close()
        raise InvalidRequest(f"{self.path} is no backup that fourhands made.")

    def _require_over(self, file: gzip.GzipFile) -> None:
        """To read on is what makes gzip look at its own sum."""
        try:
            if not file.read(1):
                return
        except (gzip.BadGzipFile, EOFError, zlib.error):
            pass
        raise InvalidRequest(f"{self.path} is damaged, or was cut off while it was written.")

    def _frame(self, file: IO[bytes] | gzip.GzipFile, decoder: "msgspec.msgpack.Decoder[Any]") -> object:
        try:
            size = int.from_bytes(_exactly(file, 4), "big")
            return decoder.decode(_exactly(file, min(size, _LARGEST)))
        except (gzip.BadGzipFile, EOFError, zlib.error, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise InvalidRequest(f"{self.path} is damaged, or was cut off while it was written.") from error


def _exactly(file: IO[bytes] | gzip.GzipFile, size: int) -> bytes:
    found = file.read(size)
    if len(found) < size:
        raise EOFError
    return found


def differences(before: Mapping[str, tuple[int, str]], after: Mapping[str, tuple[int, str]]) -> list[str]:
    """In which tables two databases are not alike, a sentence each."""
    found: list[str] = []
    for name in sorted({*before, *after}):
        (rows, digest), (others, other) = before.get(name, (0, Sum().told[1])), after.get(name, (0, Sum().told[1]))
        if (rows, digest) != (others, other):
            found.append(f"Table {name}: {rows:,} rows in the one, {others:,} in the other" + ("." if rows != others else ", and not the same."))
    return found
