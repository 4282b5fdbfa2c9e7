"""A room's Yjs document: checks updates, counts their clocks, and gives them to pycrdt.

Called by `live.py` and `registry.py`. An update that does not decode changes nothing and raises. What builds on edits that
are not there yet waits here, and goes into pycrdt when it fits: yrs 0.28 would fill the gaps, and then lose text or crash
(https://github.com/y-crdt/y-crdt/issues/632). Keystrokes, once checked, go there some dozens at a time.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence

import structlog

from fourhands.errors import InvalidRequest, TooLarge
from fourhands.model.limits import Limits
from fourhands.model.room import File
from fourhands.protocol.cutting import MOST_CLIENTS_AT_ONCE, MOST_RANGES_AT_ONCE, cut, light_pieces
from fourhands.protocol.keystroke import MOST_BYTES, Keystrokes
from fourhands.protocol.pairs import Pairs
from fourhands.protocol.shortening import shorten_in_steps
from fourhands.protocol.split import Sorted, Split, sort_in_steps, split, split_in_steps
from fourhands.protocol.steps import Steps, TakesSteps, finish
from fourhands.protocol.structs import Clock
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import MOST_RANGES, DeleteSet, deletes_only, read_ranges_in_steps, read_state_vector
from fourhands.protocol.walk import Walked, walk, walk_in_steps
from fourhands.room.applied import PLAIN, Applied
from fourhands.room.checks import Checks
from fourhands.room.giving import give
from fourhands.room.listing import files_of, languages_of
from fourhands.room.portion import Portion
from fourhands.room.replica import MAIN, DocumentBroken, Replica, first_state
from fourhands.room.sizes import Sized
from fourhands.room.waiting import Waiting

__all__ = ["MAIN", "PLAIN", "Applied", "Document", "DocumentBroken"]

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.document")

STEPS_AT_ONCE = 4
"""Steps of looking at an update that others wait for; what takes more is left to `apply_in_steps`."""

MOST_STRANGERS = 1 << 14
"""Clients that a state vector may name beside those of the document: reading so many takes 20 ms."""


class Document:
    """One room's text.

    Invariant: `state()` followed by every update in `waiting` rebuilds all that was ever applied. `_clocks` is the state
    vector of the replica and of what is checked and not in it yet. The replica has no gaps and nothing pending; there is
    none before there is something to read.

    While what was stored is read (`reading`) it keeps no bounds; they begin with `set_limits`.
    """

    __slots__ = ("_checked", "_checks", "_clocks", "_fast_bytes", "_keystrokes", "_languages", "_made", "_pairs", "_portion", "_reading", "_sizes", "_waiting")

    def __init__(self, limits: Limits) -> None:
        self._checks = Checks(limits)
        self._sizes = self._checks.sizes
        self._portion = Portion()
        self._fast_bytes = MOST_BYTES  # what `take` takes: nothing where keystrokes take long, so that their time is counted
        self._clocks: dict[int, int] = {}
        self._pairs = Pairs()
        self._keystrokes = Keystrokes(self._clocks, self._pairs)
        self._checked: list[bytes] = []
        self._made: Replica | None = None
        self._languages: Mapping[str, str] = {}
        self._waiting: Waiting | None = None
        self._reading = True

    @classmethod
    def with_file(cls, limits: Limits, name: str, language: str, text: str) -> "Document":
        """A new room's document: one file, `main`."""
        document = cls(limits)
        document.load(first_state(MAIN, name, language, text))
        document._reading = False
        return document

    @classmethod
    def reading(cls, limits: Limits) -> "Document":
        """An empty one, to `load` and `apply` what was stored; bounds begin with `set_limits`."""
        document = cls(limits)
        document._sizes.lift()
        return document

    def load(self, state: bytes) -> None:
        """Begin with what `state()` of another one gave. Raises `InvalidRequest` or `DocumentBroken` if it is damaged."""
        self._replica.apply([state])
        self._clocks.update(read_state_vector(self._replica.state_vector()))
        try:
            self._pairs.read(state)
        except InvalidRequest as error:  # yrs 0.28 wrote strings of no letters where a pair had been cut
            log.warning("document.pairs_unknown", reason=str(error))
        self._read_languages()

    def set_limits(self, limits: Limits) -> None:
        """From now on these; what is there already stays, even past them."""
        self._checks = Checks(limits)
        self._sizes = self._checks.sizes
        self._reading = False

    def apply(self, update: bytes, *, whole: bool = False, at_once: bool = False) -> Applied:
        """Apply a Yjs v1 update; `whole`: it may hold much that is known, and `changed` is to leave that out; `at_once`: others wait.

        Raises `InvalidRequest` if it does not decode or cannot be, `TooLarge` if a text, the document or the files would
        pass their limit, `TakesSteps` if it takes longer than others may wait (nothing was applied then), `DocumentBroken` if pycrdt failed
        inside.
        """
        size, sizes = len(update), self._sizes
        if size > MOST_BYTES or size > sizes.budget or whole or (writer := self._keystrokes.take(update)) is None:
            return self._apply_walked(update, whole, at_once)
        sizes.budget -= size
        self._checked.append(update)
        if len(self._checked) >= self._portion.keystrokes:
            self.flush()
        if self._waiting and (woken := self._retry_waiting(self._waiting, [writer])):
            return Applied(update, woken=woken)
        return PLAIN

    def apply_in_steps(self, update: bytes, *, whole: bool = False) -> Generator[Applied | None, None, None]:
        """`apply`, cut into several updates, of which each is said once it was applied; others may go on at each step, with updates of
        their own. All of it is looked at before anything is applied. One at a time. Raises as `apply`; what was said was applied."""
        walked = yield from self._walk(update)
        if (short := (yield from shorten_in_steps(walked))) is not update:
            update, walked = short, (yield from self._walk(short))
        known = dict(self._clocks)
        _, found, _ = yield from self._look(walked, known)
        copy, most = self._sizes.lay_aside(), self._sizes.longest_text(self._replica)
        for piece in cut(update, found, lambda: self._portion.structs, known):
            yield self._apply_piece(piece, whole, most)
        if copy is not None:
            self._sizes.take_up(copy, self._replica)

    def take(self, update: bytes) -> bool:
        """The fast way for what nearly every update is: a keystroke or a deletion that fits as it came, and that nothing waits
        for. False: `apply` it. Raises `DocumentBroken`."""
        size, sizes = len(update), self._sizes
        if size > self._fast_bytes or size > sizes.budget or self._waiting or self._keystrokes.take(update) is None:
            return False
        sizes.budget -= size
        self._checked.append(update)
        if len(self._checked) >= self._portion.keystrokes:
            self.flush()
        return True

    def admit(self, update: bytes, *, whole: bool = False) -> Applied:
        """`apply` what was taken already where it came from, and will be in the journal: what passes a bound here, since others wrote
        meanwhile, is taken all the same. Raises `InvalidRequest` if it does not decode (nothing was changed then), and `DocumentBroken`."""
        if not whole and self.take(update):
            return PLAIN
        try:
            return self.apply(update, whole=whole)
        except (InvalidRequest, TooLarge):
            self._reading = True
            try:
                return self._apply_walked(update, whole, at_once=False)
            finally:
                self._reading = False
                self._sizes.took(len(update))

    def flush(self) -> None:
        """Give pycrdt what it has not got yet. Raises `DocumentBroken`."""
        if self._checked:
            _ = self._replica

    def would_change(self, update: bytes) -> bool:
        """Whether applying the update would add or delete anything. Raises `InvalidRequest` if it does not decode."""
        return finish(self.would_change_in_steps(update))

    def would_change_in_steps(self, update: bytes) -> Steps[bool]:
        """`would_change`, some at a time."""
        if update == EMPTY_UPDATE:
            return False
        walked = yield from self._walk(update)
        if walked.adds_beyond(self._clocks):
            return True
        known = yield from self._deletes()
        return not (yield from deletes_only(walked.deletes, known))

    def state_vector(self) -> bytes:
        return self._replica.state_vector() if self._clocks else b"\x00"

    def state(self, vector: bytes | None = None) -> bytes:
        """The document as one update, or what somebody with that state vector lacks. Raises `InvalidRequest` or `TooLarge`."""
        if vector is not None:
            read_state_vector(vector, len(self._clocks) + MOST_STRANGERS)
        if not self._clocks:
            return EMPTY_UPDATE
        try:
            return self._replica.state(b"\x00" if vector is None else vector)
        except ValueError as error:
            raise InvalidRequest("This state vector cannot be read.") from error

    @property
    def waiting(self) -> Sequence[bytes]:
        """Updates that still wait for others which they build on."""
        return self._waiting.updates if self._waiting else ()

    def language(self, file: str = MAIN) -> str | None:
        return languages_of(self._replica).get(file) if self._clocks else None

    def files(self) -> Sequence[File]:
        """The files in their order."""
        return files_of(self._replica) if self._clocks else []

    def text(self, file: str = MAIN, *, root: str | None = None) -> str:
        """The text of a file, or of the top-level type `root` with a NUL for each embedded object; empty if there is none."""
        return (self._replica.text(file) if root is None else self._replica.written(root)) if self._clocks else ""

    def text_bytes(self) -> int:
        """Of all files' texts together; nothing is read for it."""
        return sum(self._replica.text_bytes().values()) if self._clocks else 0

    # ---- inside ----------------------------------------------------------------------------------------------------

    @property
    def _replica(self) -> Replica:
        """pycrdt's copy, with all that was taken."""
        if self._made is None:
            self._made = Replica()
        if self._checked:
            checked, self._checked = self._checked, []
            with self._portion.measured(len(checked)):
                self._made.apply(checked)
            self._fast_bytes = 0 if self._portion.is_slow else MOST_BYTES
        return self._made

    def _apply_walked(self, update: bytes, whole: bool, at_once: bool) -> Applied:
        part, _, depths = finish(self._walk_and_look(update, at_once=at_once), STEPS_AT_ONCE if at_once else None)
        return self._take_split(part, light_pieces(part, self._clocks), depths, whole=whole)

    def _apply_piece(self, piece: bytes, whole: bool, most_text: int) -> Applied:
        """Apply a part of an update that was looked at as a whole; no text is to have more bytes than that before it."""
        with self._portion.measured() as measured:
            part = split(walk(piece, len(piece), len(piece)), self._clocks, self._pairs)
            measured.structs = part.structs
            if part.rest != EMPTY_UPDATE:
                finish(self._checks.require_room(self._replica, self._waiting or Waiting(), part))
            depths = finish(self._checks.require_sound(self._replica, part))
            if part.fresh:
                self._sizes.require_not_full(self._replica, most_text)
            self._sizes.came_in([piece])
            return self._take_split(part, (part.ready,), depths, whole=whole)

    def _walk_and_look(self, update: bytes, *, at_once: bool) -> Steps["Looked"]:
        return (yield from self._look((yield from self._walk(update)), self._clocks, at_once=at_once))

    def _look(self, walked: Walked, clocks: Mapping[int, int], *, at_once: bool = False) -> Steps["Looked"]:
        """What of an update fits onto a document with those clocks, asked before anything of it is taken: whether it is sound, and passes no
        limit; and the depths of its types. Raises `InvalidRequest`, `TooLarge` or, if too much of it would be taken `at_once`, `TakesSteps`."""
        if not self._reading:
            self._sizes.require_clients(clocks, walked.sections, self._waiting.pieces if self._waiting else 0)
        found = yield from sort_in_steps(walked, clocks)
        part = yield from split_in_steps(walked, found, clocks, self._pairs)
        if self._reading:
            return part, found, {}
        if at_once and (part.structs > self._portion.structs or _many(part)):
            raise TakesSteps
        reserved = yield from self._checks.require_room(self._replica, self._waiting or Waiting(), part)
        depths = yield from self._checks.require_sound(self._replica, part)
        within = found._replace(left={}, later={})
        sized = Sized(walked.data, len(part.ready), part.fresh, found.order, lambda: cut(walked.data, within, lambda: self._portion.structs))
        yield from self._sizes.require(self._replica, sized, reserved)
        return part, found, depths

    def _take_split(self, part: Split, pieces: Sequence[bytes], depths: Mapping[Clock, int], *, whole: bool) -> Applied:
        known = self._languages
        changed = self._take(part, pieces, depths, whole=whole)
        if part.rest != EMPTY_UPDATE:
            self._waiting = self._waiting or Waiting()
            self._waiting.add(part)
        woken = self._retry_waiting(self._waiting, part.grown) if self._waiting else ()
        chosen = [] if self._languages is known else [one for one in self._languages.items() if one not in known.items()]
        return Applied(changed, part.rest, woken, chosen)

    def _take(self, part: Split, pieces: Sequence[bytes], depths: Mapping[Clock, int], *, whole: bool = False) -> bytes:
        """Give pycrdt what fits, in those pieces. What others are to be told of it: all, or only what was not known if `whole`."""
        if part.ready == EMPTY_UPDATE:
            return part.ready
        changed = give(self._replica, part, pieces, self._clocks, whole=whole)
        self._clocks.update(part.grown)
        self._pairs.know(part.pairs, part.deletes)
        self._checks.know(depths)
        if part.values:
            self._read_languages()
        return changed

    def _read_languages(self) -> None:
        languages = languages_of(self._replica)
        if languages != self._languages:
            self._languages = languages

    def _walk(self, update: bytes) -> Steps[Walked]:
        """Read an update. Raises `InvalidRequest` or `TooLarge`."""
        try:
            return (yield from walk_in_steps(update))
        except TooLarge:  # a step 2 has the whole delete set, which is no more than is known already
            known = len(update) if self._reading else sum(map(len, (yield from self._deletes()).values())) + MOST_RANGES
            return (yield from walk_in_steps(update, known))

    def _retry_waiting(self, waiting: Waiting, grown: Iterable[int]) -> Sequence[bytes]:
        """What waited may fit where clocks have grown, and let more fit. Those parts that came in."""
        woken: list[bytes] = []
        todo = list(grown)
        while todo:
            for number in waiting.due(todo.pop(), self._clocks):
                if part := self._retry(waiting, number):
                    woken.append(part.ready)
                    todo += part.grown
        if not len(waiting):
            self._waiting = None
        return [update for update in woken if update != EMPTY_UPDATE]

    def _retry(self, waiting: Waiting, number: int) -> Split | None:
        """What came of one that waited; None if it cannot be taken. Bounds were kept when it came."""
        update = waiting.wake(number)
        try:
            again = split(walk(update, len(update)), self._clocks, self._pairs)
            pieces = light_pieces(again, self._clocks)
            self._take(again, pieces, finish(self._checks.require_sound(self._replica, again)))
        except (InvalidRequest, TooLarge) as error:  # nobody is there to be told: whoever sent it was not the one who let it in
            log.warning("document.waiting_edit_dropped", bytes=len(update), reason=str(error))
            waiting.drop(number)
            return None
        self._sizes.came_in(pieces)
        if again.rest == EMPTY_UPDATE:
            waiting.drop(number)
        else:
            waiting.add(again, number)
        return again

    def _deletes(self) -> Steps[DeleteSet]:
        deleted = self._replica.state(self._replica.state_vector())
        return (yield from read_ranges_in_steps(deleted, 1))[0]


Looked = tuple[Split, Sorted, Mapping[Clock, int]]


def _many(part: Split) -> bool:
    """Whether it deletes so many ranges, or is of so many clients, that it is taken some at a time."""
    return len(part.grown) > MOST_CLIENTS_AT_ONCE or (len(part.deletes) + sum(map(len, part.deletes.values()))) > MOST_RANGES_AT_ONCE
