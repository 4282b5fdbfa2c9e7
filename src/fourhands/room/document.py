"""A room's Yjs document, held by pycrdt: applies updates, and says what each of them did.

Called by `live.py` alone. An update that does not decode changes nothing and raises. An update whose parents are not
there yet is kept aside by pycrdt, which leaves it out of `state()`: so it is remembered here too, until it fits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pycrdt
from pycrdt import Doc, Map, Text, TransactionEvent

from fourhands.errors import FourhandsError, InvalidRequest, TooLarge
from fourhands.model.limits import Limits
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import deletes_only, reaches, read_delete_set, read_state_vector

MAIN = "main"


class DocumentBroken(FourhandsError):
    """pycrdt failed inside: the document in memory is not to be trusted, the room must be loaded again."""

    code = "unavailable"


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
        self._languages: list[tuple[str, str]] = []
        self._doc.observe(self._note_change)
        self._files.observe_deep(self._note_languages)
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
        self._make_room_for(len(update))
        changed, languages = self._apply(update)
        waiting = changed != update and self._waits(update)
        if waiting:
            self._keep_waiting(update)
        return Applied(changed, waiting, languages)

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

    def _apply(self, update: bytes) -> tuple[bytes, list[tuple[str, str]]]:
        self._changed = EMPTY_UPDATE
        self._languages = []
        try:
            self._doc.apply_update(update)
        except ValueError as error:
            raise InvalidRequest("This update cannot be read.") from error
        except BaseException as error:
            if type(error).__name__ == "PanicException":  # pyo3's own, a BaseException that cannot be imported
                raise DocumentBroken("An update broke the document in memory; it is loaded again.") from error
            raise
        return self._changed, self._languages

    def _note_change(self, event: TransactionEvent) -> None:
        self._changed = event.update

    def _note_languages(self, events: Sequence[object]) -> None:
        for event in events:
            path, keys = list(getattr(event, "path", [])), dict(getattr(event, "keys", {}))
            chosen = [str(path[0])] if len(path) == 1 and "language" in keys else [] if path else [str(key) for key in keys]
            self._languages += [(file, language) for file in chosen if (language := self.language(file)) is not None]

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

    def _make_room_for(self, size: int) -> None:
        """Refuse an update that would pass a limit. What is there is measured only when it might matter."""
        if size <= self._budget:
            self._budget -= size
            return
        longest = max((len(self.text(file).encode()) for file in self._file_ids()), default=0)
        in_text, in_all = self._limits.text_bytes - longest, self._limits.document_bytes - len(self._doc.get_update())
        if size > in_all:
            raise TooLarge(f"This room is full: its document may have {self._limits.document_bytes:,} bytes.")
        if size > in_text and longest:
            raise TooLarge(f"This text is full: it may have {self._limits.text_bytes:,} bytes.")
        self._budget = max(0, min(in_text, in_all) - size)

    def _file_ids(self) -> Sequence[str]:
        return [key.removeprefix("file:") for key in cast("Iterable[str]", self._doc) if key.startswith("file:")]
