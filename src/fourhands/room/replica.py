"""pycrdt's copy of a room's document: the only module of the server that calls pycrdt.

Called by `document.py` alone, with updates that were checked. pycrdt's own classes cost several microseconds a call, and
a kilobyte a document; what they wrap is called here directly.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pycrdt
from pycrdt import Map, Text, TransactionEvent
from pycrdt._pycrdt import Doc, Transaction
from pycrdt._pycrdt import Map as YrsMap

from fourhands.errors import InvalidRequest
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import DeleteSet, read_delete_set
from fourhands.protocol.varint import read_varuint, write_varuint

MAIN = "main"
"""The first file of a room."""

FILES = "files"
TEXT = "file:"
"""What the name of a file's text begins with."""


_MAY_HOLD = (0, 1, 7)  # collected, deleted, a type


class DocumentBroken(Exception):
    """pycrdt failed inside: the document in memory is not to be trusted, the room must be loaded again."""


class Replica:
    """One Yjs document."""

    __slots__ = ("_doc",)

    def __init__(self) -> None:
        self._doc = Doc(None, None, None)

    def apply(self, updates: Sequence[bytes]) -> None:
        """Apply updates in one transaction, some dozens at the most: yrs grows slow within a long one.

        Raises `InvalidRequest` if there is one and nothing was changed, `DocumentBroken` where something may have been.
        """
        with self._transaction() as transaction:
            try:
                for update in updates:
                    self._doc.apply_update(transaction, update)
            except ValueError as error:
                if len(updates) > 1:
                    raise DocumentBroken("An update that was checked cannot be read.") from error
                raise InvalidRequest("This update cannot be read.") from error

    def apply_each(self, updates: Sequence[bytes]) -> None:
        """Apply updates in a transaction each. Raises as `apply`."""
        for update in updates:
            self.apply([update])

    def change(self, update: bytes) -> bytes:
        """Apply an update; the change as an update of its own, without what was known. Raises as `apply`."""
        changes: list[bytes] = []

        def note(event: TransactionEvent) -> None:
            changes.append(event.update)

        observing = self._doc.observe(note)
        try:
            self.apply([update])
        finally:
            observing.drop()
        return changes[-1] if changes else EMPTY_UPDATE

    def state_vector(self) -> bytes:
        with self._transaction() as transaction:
            return self._doc.get_state(transaction)

    def state(self, vector: bytes = b"\x00") -> bytes:
        """The document as one update, but for what that state vector has. Raises `ValueError` if it is none."""
        with self._transaction() as transaction:
            return self._doc.get_update(transaction, vector)

    def may_hold(self, client: int, clock: int) -> bool:
        """Whether what is at that clock (which must be there) is a type that something may stand in, or was deleted."""
        with self._transaction() as transaction:
            count, start = read_varuint(vector := self._doc.get_state(transaction), 0)
            # of a client that is there twice the last entry counts
            before = write_varuint(count + 1) + vector[start:] + write_varuint(client) + write_varuint(clock)
            onward = self._doc.get_update(transaction, before)  # 1 section, its length, client, clock, and that struct
        position = 1
        for _ in range(3):
            _, position = read_varuint(onward, position)
        return onward[position] & 31 in _MAY_HOLD

    def text(self, file: str) -> str:
        """The text of a file; empty if there is none."""
        with self._transaction() as transaction:
            if TEXT + file not in self._doc.roots(transaction):
                return ""
            return self._doc.get_or_insert_text(transaction, TEXT + file).get_string(transaction)

    def written(self, name: str) -> str:
        """The text of a top-level type of that name, with a NUL for each embedded object; empty if there is none, or no text."""
        with self._transaction() as transaction:
            if name not in self._doc.roots(transaction):
                return ""
            text = self._doc.get_or_insert_text(transaction, name)
            written = text.get_string(transaction)
            if text.len(transaction) == (len(written) if written.isascii() else len(written.encode())):
                return written
            return "".join(part if isinstance(part, str) else "\0" for part, _ in text.diff(transaction))

    def length(self, name: str) -> int:
        """How many bytes a text counts, and one for each value in it, shown or not."""
        with self._transaction() as transaction:
            return self._doc.get_or_insert_text(transaction, name).len(transaction)

    def delete(self, name: str, start: int, end: int) -> DeleteSet:
        """Delete those bytes of a text (an embedded object counts as one); the clocks that they had."""
        changes: list[bytes] = []
        observing = self._doc.observe(lambda event: changes.append(event.update))
        try:
            with self._transaction() as transaction:
                self._doc.get_or_insert_text(transaction, name).remove_range(transaction, start, end - start)
        finally:
            observing.drop()
        return read_delete_set(changes[-1])

    def text_bytes(self) -> Mapping[str, int]:
        """Bytes of each file's text, by its top-level name; nothing is read for it."""
        with self._transaction() as transaction:
            names = [name for name in self._doc.roots(transaction) if name.startswith(TEXT)]
            return {name: self._doc.get_or_insert_text(transaction, name).len(transaction) for name in names}

    def file_ids(self) -> Sequence[str]:
        """The keys of `files`."""
        with self._transaction() as transaction:
            return _keys(self._doc.get_or_insert_map(transaction, FILES), transaction)

    def files(self, *keys: str) -> Mapping[str, Sequence[object]]:
        """Of each entry of `files` that is a map, in the order of their ids: the values under those keys."""
        with self._transaction() as transaction:
            entries = self._doc.get_or_insert_map(transaction, FILES)
            found: dict[str, Sequence[object]] = {}
            for file in sorted(_keys(entries, transaction)):
                entry = _value(entries, transaction, file)
                if isinstance(entry, YrsMap):
                    found[file] = [_value(entry, transaction, key) for key in keys]
            return found

    @contextmanager
    def _transaction(self) -> Generator[Transaction]:
        transaction = self._doc.create_transaction()
        try:
            yield transaction
            transaction.commit()
        except (ValueError, InvalidRequest, DocumentBroken):
            transaction.commit()
            raise
        except BaseException as error:
            # pyo3's PanicException is a BaseException that cannot be imported; RuntimeError: perhaps integrated in part
            if isinstance(error, RuntimeError) or type(error).__name__ == "PanicException":
                raise DocumentBroken("An update broke the document in memory; it is loaded again.") from error
            raise
        finally:
            transaction.drop()


def _keys(entries: YrsMap, transaction: Transaction) -> list[str]:
    # missing from pycrdt's stubs
    return list(entries.keys(transaction))  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue, reportUnknownArgumentType]


def _value(entries: YrsMap, transaction: Transaction, key: str) -> object:
    """The value under a key; None also where somebody put something there that is no value, a format or so."""
    try:
        return entries.get(transaction, key)
    except ValueError:
        return None


def first_state(file: str, name: str, language: str, text: str) -> bytes:
    """A document with one file, as an update."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    with doc.transaction():
        doc[FILES] = Map({file: Map({"name": name, "language": language, "order": 0.0})})
        doc[TEXT + file] = Text(text)
    return doc.get_update()
