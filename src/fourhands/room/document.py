"""A room's Yjs document, held by pycrdt: applies updates, and says what each of them did.

Called by `live.py` alone. An update that does not decode changes nothing and raises. An update whose parents are not
there yet is kept aside by pycrdt, which leaves it out of `state()`: so it is remembered here too, until it fits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pycrdt
from pycrdt import Doc, Map, Text, TransactionEvent

from fourhands.errors import InvalidRequest, TooLarge
from fourhands.model.limits import Limits
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import deletes_only, reaches, read_delete_set, read_state_vector

MAIN = "main"


class DocumentBroken(Exception):
    """pycrdt failed inside: the document in memory is not to be trusted, the room must be loaded again."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What an update did. `changed`: the change as an update of its own, without what was known; `waiting`: whether
    part of it waits for updates that it builds on; `languages`: file id -> language, where one was chosen."""

    changed: bytes
    waiting: bool
    languages: Sequence[tuple[str, str]] = ()


class Document:
    """One room's text.

    Invariant: `state()` followed by every update in `waiting` rebuilds all that was ever applied.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._doc: Doc[Any] = Doc()
        self._files: Map[Any] = self._doc.get("files", type=Map)
        self._changed = EMPTY_UPDATE
        self._languages: Mapping[str, str] = {}
        self._files_touched = False
        self._doc.observe(self._note_change)
        # pycrdt's own `observe_deep` reads each event's keys, which panics where a replaced value was collected already
        self._watch = self._files.integrated.observe_deep(self._note_files)
        self._budget = 0  # bytes that may be applied before the sizes must be measured again
        self._waiting: list[bytes] = []

    @classmethod
    def with_file(cls, limits: Limits, name: str, language: str, text: str) -> "Document":
        """A new room's document: one file, `main`."""
        document = cls(limits)
        with document._doc.transaction():
            document._files[MAIN] = Map({"name": name, "language": language, "order": 0.0})
            document._doc[f"file:{MAIN}"] = Text(text)
        return document

    def set_limits(self, limits: Limits) -> None:
        """From now on these; what is there already stays, even past them."""
        self._limits = limits
        self._budget = 0

    def apply(self, update: bytes) -> Applied:
        """Apply a Yjs v1 update.

        Raises `InvalidRequest` if it does not decode, `TooLarge` if a text or the document would pass its limit
        (nothing was applied then), `DocumentBroken` if pycrdt failed inside.
        """
        self._make_room_for(update)
        known = self._languages
        changed = self._apply(update)
        self._retry_waiting()
        waiting = changed != update and self._waits(update)
        if waiting:
            self._keep_waiting(update)
        chosen = [] if self._languages is known else [one for one in self._languages.items() if one not in known.items()]
        return Applied(changed, waiting, chosen)

    def would_change(self, update: bytes) -> bool:
        """Whether applying the update would add or delete anything. Raises `InvalidRequest` if it does not decode."""
        if update == EMPTY_UPDATE:
            return False
        rest = self._beyond(update)
        return rest[0] != 0 or not deletes_only(read_delete_set(rest), self._deletes())

    def state_vector(self) -> bytes:
        return self._doc.get_state()

    def state(self, vector: bytes | None = None) -> bytes:
        """The document as one update, or what somebody with that state vector lacks. Raises `InvalidRequest`."""
        if vector is None:
            return self._doc.get_update()
        read_state_vector(vector)
        try:
            return self._doc.get_update(vector)
        except ValueError as error:
            raise InvalidRequest("This state vector cannot be read.") from error

    @property
    def waiting(self) -> Sequence[bytes]:
        """Updates that still wait for others which they build on."""
        if self._waiting:
            self._waiting = [update for update in self._waiting if self._waits(update)]
        return self._waiting

    def language(self, file: str = MAIN) -> str | None:
        entry = self._files.get(file)
        language: object = cast("Map[Any]", entry).get("language") if isinstance(entry, Map) else None
        return language if isinstance(language, str) else None

    def text(self, file: str = MAIN) -> str:
        """The text of a file; empty if there is none."""
        return str(self._doc.get(f"file:{file}", type=Text)) if f"file:{file}" in set(self._doc.keys()) else ""

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _apply(self, update: bytes) -> bytes:
        self._changed = EMPTY_UPDATE
        _integrate(self._doc, update)
        if self._files_touched:
            self._files_touched = False
            ids = self._files.keys()
            self._languages = {file: language for file in ids if (language := self.language(file)) is not None}
        return self._changed

    def _retry_waiting(self) -> None:
        """What waited may fit now; yrs 0.28 forgets some of it when several updates of one client wait.

        Source: https://github.com/y-crdt/y-crdt/issues/632.
        """
        before = b""
        while self.waiting and before != (before := self._doc.get_state()):
            for update in self._waiting:
                self._apply(update)

    def _note_change(self, event: TransactionEvent) -> None:
        self._changed = event.update

    def _note_files(self, events: object) -> None:
        self._files_touched = True

    def _beyond(self, update: bytes) -> bytes:
        """What of an update the document does not have as structs, with all its deletions."""
        try:
            return pycrdt.get_update(update, self._doc.get_state())
        except ValueError as error:
            raise InvalidRequest("This update cannot be read.") from error

    def _waits(self, update: bytes) -> bool:
        rest = self._beyond(update)
        return rest[0] != 0 or not reaches(read_delete_set(rest), read_state_vector(self._doc.get_state()))

    def _keep_waiting(self, update: bytes) -> None:
        self._waiting.append(update)
        if sum(map(len, self._waiting)) > self._limits.waiting_bytes:
            self._waiting = [kept for kept in self._waiting if self._waits(kept)]
        if sum(map(len, self._waiting)) > self._limits.waiting_bytes:
            raise InvalidRequest("Too many edits build on others that never came.")

    def _deletes(self) -> dict[int, list[tuple[int, int]]]:
        return dict(read_delete_set(self._doc.get_update(self._doc.get_state())))

    def _make_room_for(self, update: bytes) -> None:
        """Refuse an update that would pass a limit. What is there is measured only when it might matter."""
        size = len(update)
        if size <= self._budget:
            self._budget -= size
            return
        texts, whole = _text_sizes(self._doc), len(self._doc.get_update())
        room = min(self._limits.text_bytes - max(texts.values(), default=0), self._limits.document_bytes - whole)
        if size > room:
            self._try_apart(update, texts, whole)
        self._budget = max(0, room - size)

    def _try_apart(self, update: bytes, texts: Mapping[str, int], whole: int) -> None:
        """Apply the update to a copy, and raise if that made something too large which was not so large before.

        What only deletes is always taken, and so is what holds much that is known (a step 2 has the whole delete set).
        """
        if self._beyond(update)[0] == 0:
            return
        apart: Doc[Any] = Doc()
        try:
            for known in (self._doc.get_update(), *self.waiting, update):
                _integrate(apart, known)
        except DocumentBroken as error:
            raise InvalidRequest("This update cannot be applied.") from error
        if any(size > max(self._limits.text_bytes, texts.get(key, 0)) for key, size in _text_sizes(apart).items()):
            raise TooLarge(f"This text is full: it may have {self._limits.text_bytes:,} bytes.")
        if len(apart.get_update()) > max(self._limits.document_bytes, whole):
            raise TooLarge(f"This room is full: its document may have {self._limits.document_bytes:,} bytes.")


def _integrate(doc: "Doc[Any]", update: bytes) -> None:
    """Raises `InvalidRequest` where nothing was changed, `DocumentBroken` where something may have been."""
    try:
        doc.apply_update(update)
    except ValueError as error:
        raise InvalidRequest("This update cannot be read.") from error
    except BaseException as error:
        # pyo3's PanicException is a BaseException that cannot be imported; RuntimeError: perhaps integrated in part
        if isinstance(error, RuntimeError) or type(error).__name__ == "PanicException":
            raise DocumentBroken("An update broke the document in memory; it is loaded again.") from error
        raise


def _text_sizes(doc: "Doc[Any]") -> Mapping[str, int]:
    """Bytes of each file's text, by its top-level name."""
    names = [key for key in cast("Iterable[str]", doc) if key.startswith("file:")]
    return {name: len(str(doc.get(name, type=Text)).encode()) for name in names}
