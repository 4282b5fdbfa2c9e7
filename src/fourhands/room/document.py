"""A room's Yjs document, held by pycrdt: applies updates, and says what each of them did.

Called by `live.py` alone. An update that does not decode changes nothing and raises. What builds on edits that are not
there yet waits here, and goes into pycrdt when it fits: yrs 0.28 would fill the gaps, and then lose text or crash
(https://github.com/y-crdt/y-crdt/issues/632).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from math import isfinite
from operator import itemgetter
from typing import Any, cast

import structlog
from pycrdt import Doc, Map, Text, TransactionEvent

from fourhands.errors import InvalidRequest, TooLarge
from fourhands.model.limits import Limits
from fourhands.model.room import File
from fourhands.protocol.structs import Clock, Place, Split, Walked, split, typed, walk
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import MOST_RANGES, deletes_only, read_delete_set, read_state_vector

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.document")

MAIN = "main"

MOST_WAITING = 4096
"""Updates of a room that may wait for others; past it, whoever sends more is refused."""

MOST_PIECES_WAITING = 1 << 12
"""Structs and ranges of deletions in them: with each edit that lets one fit its whole update is read again."""

_MOST_TYPES_KNOWN = 1 << 16


class DocumentBroken(Exception):
    """pycrdt failed inside: the document in memory is not to be trusted, the room must be loaded again."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What an update did. `changed`: the change as an update of its own, without what was known; `waiting`: the part of
    it that waits for edits that it builds on (both empty updates if there is none); `languages`: file id -> language,
    where one was chosen."""

    changed: bytes
    waiting: bytes
    languages: Sequence[tuple[str, str]] = ()


class Document:
    """One room's text.

    Invariant: `state()` followed by every update in `waiting` rebuilds all that was ever applied. pycrdt's document has
    no gaps and nothing pending, so that `_clocks` is its state vector.

    While what was stored is read it keeps no bounds but `limits`; those of files and of what waits begin with
    `with_file` or `set_limits`.
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
        self._clocks: dict[int, int] = {}
        self._types: set[Clock] = set()  # some clocks that something may stand in: types, or what was deleted
        self._waiting: dict[int, Split] = {}  # by a number of their own, in the order of their coming
        self._wakes: dict[int, dict[int, int]] = {}  # client id -> number of a waiting update -> the clock it waits for
        self._numbers = count()
        self._reading = True

    @classmethod
    def with_file(cls, limits: Limits, name: str, language: str, text: str) -> "Document":
        """A new room's document: one file, `main`."""
        document = cls(limits)
        with document._doc.transaction():
            document._files[MAIN] = Map({"name": name, "language": language, "order": 0.0})
            document._doc[f"file:{MAIN}"] = Text(text)
        document._clocks.update(read_state_vector(document.state_vector()))
        document._read_languages()
        document._reading = False
        return document

    def load(self, state: bytes) -> None:
        """Begin with what `state()` of another one gave. Raises `InvalidRequest` or `DocumentBroken` if it is damaged."""
        _integrate(self._doc, state)
        self._clocks.update(read_state_vector(self._doc.get_state()))
        self._read_languages()

    def set_limits(self, limits: Limits) -> None:
        """From now on these; what is there already stays, even past them."""
        self._limits = limits
        self._budget = 0
        self._reading = False

    def apply(self, update: bytes) -> Applied:
        """Apply a Yjs v1 update.

        Raises `InvalidRequest` if it does not decode or cannot be, `TooLarge` if a text, the document or the files would
        pass their limit (nothing was applied then), `DocumentBroken` if pycrdt failed inside.
        """
        part = typed(update, self._clocks) or split(self._walk(update), self._clocks)
        known = self._languages
        if part.rest != EMPTY_UPDATE:
            self._require_patience(part)
        if part.places:
            self._require_files(part.places)
        self._require_types(part)
        self._make_room_for(part.ready)
        changed = self._take(part)
        if part.rest != EMPTY_UPDATE:
            self._wait(next(self._numbers), part)
        if self._waiting:
            self._retry_waiting(part.grown)
        chosen = [] if self._languages is known else [one for one in self._languages.items() if one not in known.items()]
        return Applied(changed, part.rest, chosen)

    def would_change(self, update: bytes) -> bool:
        """Whether applying the update would add or delete anything. Raises `InvalidRequest` if it does not decode."""
        if update == EMPTY_UPDATE:
            return False
        walked = self._walk(update)
        return walked.adds_beyond(self._clocks) or not deletes_only(walked.deletes, self._deletes())

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
        return [part.rest for part in self._waiting.values()]

    def language(self, file: str = MAIN) -> str | None:
        entry = self._files.get(file)
        language: object = cast("Map[Any]", entry).get("language") if isinstance(entry, Map) else None
        return language if isinstance(language, str) else None

    def files(self) -> Sequence[File]:
        """The files in their order. What clients wrote there is taken for what it should be, or left out."""
        found: list[tuple[float, File]] = []
        for file, entry in sorted(self._files.items()):
            if isinstance(entry, Map):
                name, language, order = (cast("Map[Any]", entry).get(key) for key in ("name", "language", "order"))
                shown = File(file, name if isinstance(name, str) else file, language if isinstance(language, str) else "plaintext")
                found.append((order if isinstance(order, int | float) and isfinite(order) else 0.0, shown))
        return [shown for _, shown in sorted(found, key=itemgetter(0))]

    def text(self, file: str = MAIN) -> str:
        """The text of a file; empty if there is none."""
        return str(self._doc.get(f"file:{file}", type=Text)) if f"file:{file}" in set(self._doc.keys()) else ""

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _take(self, part: Split) -> bytes:
        """Give pycrdt what fits; the change."""
        self._changed = EMPTY_UPDATE
        if part.ready != EMPTY_UPDATE:
            _integrate(self._doc, part.ready)
            self._clocks.update(part.grown)
            if part.types or part.parents:
                if len(self._types) > _MOST_TYPES_KNOWN:
                    self._types.clear()
                self._types |= part.types | part.parents
            self._read_languages()
        return self._changed

    def _read_languages(self) -> None:
        if self._files_touched:
            self._files_touched = False
            ids = self._files.keys()
            self._languages = {file: language for file in ids if (language := self.language(file)) is not None}

    def _walk(self, update: bytes) -> Walked:
        """`walk`. A step 2 has the whole delete set, which is no more than is known already."""
        try:
            return walk(update)
        except TooLarge:
            known = sum(map(len, self._deletes().values()))
            return walk(update, len(update) if self._reading else known + MOST_RANGES)

    def _wait(self, number: int, part: Split) -> None:
        self._waiting[number] = part
        for client, clock in part.blocks:
            self._wakes.setdefault(client, {})[number] = clock

    def _retry_waiting(self, grown: Iterable[int]) -> None:
        """What waited may fit where clocks have grown, and let more fit."""
        todo = list(grown)
        while todo:
            client = todo.pop()
            now = self._clocks[client]
            for number in [number for number, clock in self._wakes.get(client, {}).items() if clock < now]:
                todo += self._retry(number)

    def _retry(self, number: int) -> Iterable[int]:
        """The clients whose clocks grew."""
        part = self._waiting[number]
        for client, _ in part.blocks:
            del self._wakes[client][number]
            if not self._wakes[client]:
                del self._wakes[client]
        again = split(walk(part.rest, len(part.rest)), self._clocks)
        try:
            self._require_types(again)
            self._take(again)
        except InvalidRequest as error:  # nobody is there to be told: whoever sent it was not the one who let it in
            log.warning("document.waiting_edit_dropped", bytes=len(part.rest), reason=str(error))
            del self._waiting[number]
            return ()
        if again.rest == EMPTY_UPDATE:
            del self._waiting[number]
        else:
            self._wait(number, again)
        return again.grown

    def _require_patience(self, part: Split) -> None:
        """Raises `InvalidRequest` when too much waits already."""
        parts = [part, *self._waiting.values()]
        pieces = 0 if self._reading else sum(part.waits for part in parts)
        if len(parts) > MOST_WAITING or pieces > MOST_PIECES_WAITING or sum(len(part.rest) for part in parts) > self._limits.waiting_bytes:
            raise InvalidRequest("Too many edits build on others that never came.")

    def _require_types(self, part: Split) -> None:
        """Raises `InvalidRequest` when something stands in what is no type (a letter, an embed): pycrdt breaks on it."""
        if not part.parents <= self._types:
            self._apart(part.ready)

    def _require_files(self, places: Iterable[Place]) -> None:
        """Raises `TooLarge` when there would be more files, or more texts of files, than may be; texts of deleted files
        are among them."""
        if self._reading:
            return
        places = {*places, *(place for part in self._waiting.values() for place in part.places)}
        texts = {f"file:{MAIN}", *(key for key in cast("Iterable[str]", self._doc) if key.startswith("file:"))}
        more_texts = {name for name, _ in places if name.startswith("file:")} - texts
        entries = set(self._files.keys())
        more_entries = {key for name, key in places if name == "files" and key} - entries
        most = self._limits.files_per_room
        if (more_texts and len(texts) + len(more_texts) > most) or (more_entries and len(entries) + len(more_entries) > most):
            raise TooLarge(f"This room is full: it may have {most:,} files.")

    def _note_change(self, event: TransactionEvent) -> None:
        self._changed = event.update

    def _note_files(self, events: object) -> None:
        self._files_touched = True

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
        if size > room and walk(update, size).adds_beyond(self._clocks):  # what only deletes is always taken
            self._try_apart(update, texts, whole)
        self._budget = max(0, room - size)

    def _try_apart(self, update: bytes, texts: Mapping[str, int], whole: int) -> None:
        """Apply the update to a copy, and raise if that made something too large which was not so large before.

        What holds much that is known is taken: a step 2 has the whole delete set.
        """
        apart = self._apart(update)
        if any(size > max(self._limits.text_bytes, texts.get(key, 0)) for key, size in _text_sizes(apart).items()):
            raise TooLarge(f"This text is full: it may have {self._limits.text_bytes:,} bytes.")
        if len(apart.get_update()) > max(self._limits.document_bytes, whole):
            raise TooLarge(f"This room is full: its document may have {self._limits.document_bytes:,} bytes.")

    def _apart(self, update: bytes) -> "Doc[Any]":
        """A copy with that update. Raises `InvalidRequest` if it cannot be applied."""
        apart: Doc[Any] = Doc()
        try:
            for known in (self._doc.get_update(), update):
                _integrate(apart, known)
        except DocumentBroken as error:
            raise InvalidRequest("This update cannot be applied.") from error
        return apart


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
