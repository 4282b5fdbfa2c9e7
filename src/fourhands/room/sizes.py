"""What still fits into a room's document: its texts, and the document as a whole, against their limits.

Called by `document.py` alone. Measuring a document costs by its size, so that it is done once for many updates; what
passes without is taken from a budget. Where a text is nearly full an update is tried on a copy first, and the copy is kept
for the next one while it stays nearly full: whoever writes at the edge of a limit costs the room a second replica, and no more.
A copy is made some at a time, while others go on.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from fourhands.errors import InvalidRequest, TooLarge
from fourhands.model.limits import Limits
from fourhands.protocol.cutting import cut
from fourhands.protocol.pairs import each
from fourhands.protocol.split import sort_in_steps
from fourhands.protocol.steps import EVERY, Steps
from fourhands.protocol.structs import Kind, Place, Struct, read_needs
from fourhands.protocol.varint import read_varuint
from fourhands.protocol.walk import walk_in_steps
from fourhands.room.replica import FILES, MAIN, TEXT, DocumentBroken, Replica

_SLACK_PARTS = 64
"""A document is full when less than this part of its limit is left: it would be measured at each keystroke then."""

_NO_BOUND = 1 << 62


class Sizes:
    """The sizes of one document.

    Invariant: `budget` more bytes of updates pass no limit. `_whole` and what was taken from the budget since then is the
    most that the document can have (-1: not measured yet). The copy holds what the document does, or there is none.
    """

    __slots__ = ("_copy", "_granted", "_limits", "_whole", "budget")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._copy: Replica | None = None
        self._granted = 0
        self._whole = -1
        self.budget = 0

    def lift(self) -> None:
        """No bounds: what was taken once fits."""
        self.budget = _NO_BOUND

    def took(self, size: int) -> None:
        """So much came in without being asked for, past bounds perhaps; they hold again from now on."""
        self._grant(0, 0)
        self._copy = None
        if self._whole >= 0:
            self._whole += size

    def require(self, replica: Replica, update: "Sized", reserved: int) -> Steps[None]:
        """Raises `TooLarge` for an update that would pass a limit; `reserved` bytes wait for others that they build on, and may come in
        at any time."""
        size, fresh = update.size, update.fresh
        if size <= self.budget:
            self.budget -= size
            return
        if not fresh:  # what only deletes is always taken, and a step 2 has the whole delete set
            self._came_in(size)
            return
        left = self._left(replica, fresh + reserved) - reserved
        texts = replica.text_bytes()
        left_of_text = self._limits.text_bytes - max(texts.values(), default=0) - reserved
        if fresh <= left_of_text:
            self._copy = None
        elif (yield from _letters(update)) > left_of_text:
            yield from self._try_on_copy(replica, update.pieces, texts, reserved)
            left = 0
        elif self._copy is not None:
            self._copy.apply_each([*update.pieces()])
        self._grant(size, max(0, min(left, left_of_text) - size))

    def require_files(self, replica: Replica, *places: Iterable[Place]) -> Steps[None]:
        """Raises `TooLarge` when what names those places would make more files, or more texts of files, than may be; texts
        of deleted files are among them."""
        named: set[str] = set()
        keys: set[str] = set()
        for number, (name, key) in enumerate(chain.from_iterable(places), 1):
            if name == FILES:
                keys.add(key)
            elif name.startswith(TEXT):
                named.add(name)
            if not number % (4 * EVERY):
                yield
        keys.discard("")
        if not named and not keys:
            return
        most = self._limits.files_per_room
        texts, entries = {f"{TEXT}{MAIN}", *replica.text_bytes()}, set(replica.file_ids())
        if any(more - there and len(more | there) > most for more, there in ((named, texts), (keys, entries))):
            raise TooLarge(f"This room is full: it may have {most:,} files.")

    def require_clients(self, known: Collection[int], named: Iterable[int], waiting: int) -> None:
        """Raises `TooLarge` when those clients whose structs an update holds would make more of them than may be; so many may come in
        yet with what waits."""
        most, new = self._limits.document_clients, sum(client not in known for client in named)
        if new and len(known) + new + waiting > most:
            raise TooLarge(f"This room is full: {most:,} pages have written in it, and each reload of one counts anew. Take its text to a new room.")

    def require_reserve(self, replica: Replica, reserved: int) -> None:
        """Raises `TooLarge` if so many bytes cannot be let in later on."""
        self._left(replica, reserved)
        if max(replica.text_bytes().values(), default=0) + reserved > self._limits.text_bytes:
            raise self._text_is_full()
        self._grant(0, 0)

    def came_in(self, pieces: Sequence[bytes]) -> None:
        """An update was taken without being measured."""
        self._came_in(sum(map(len, pieces)))
        if self._copy is not None:
            self._copy.apply_each(pieces)

    def longest_text(self, replica: Replica) -> int:
        """The most bytes that a text may have: its limit, or what one has already."""
        return max(self._limits.text_bytes, *replica.text_bytes().values(), 0)

    def require_not_full(self, replica: Replica, most: int) -> None:
        """Raises `TooLarge` when a text has more bytes than that: an update may come in while another one does, some at a time."""
        if max(replica.text_bytes().values(), default=0) > most:
            raise self._text_is_full()

    def lay_aside(self) -> Replica | None:
        """The copy, which is ahead of the document while an update comes in some at a time."""
        copy, self._copy = self._copy, None
        return copy

    def take_up(self, copy: Replica, replica: Replica) -> None:
        """Go on with a copy that was laid aside."""
        try:
            copy.apply([replica.state(copy.state_vector())])
        except (InvalidRequest, DocumentBroken):
            return
        self._copy = copy

    def _came_in(self, size: int) -> None:
        self._grant(size, 0)

    def _grant(self, taken: int, budget: int) -> None:
        if self._whole >= 0:
            self._whole += taken + self._granted - self.budget
        self.budget = self._granted = budget

    def _left(self, replica: Replica, growth: int) -> int:
        """The bytes that the document may still grow by. Raises `TooLarge`."""
        self._grant(0, 0)
        most = self._limits.document_bytes
        if self._whole < 0 or self._whole + growth > most:
            self._whole = len(replica.state())
            if self._whole + max(growth, most // _SLACK_PARTS) > most:
                raise TooLarge(f"This room is full: its document may have {most:,} bytes.")
        return most - self._whole

    def _try_on_copy(self, replica: Replica, pieces: Callable[[], Iterable[bytes]], before: Mapping[str, int], reserved: int) -> Steps[None]:
        copy, self._copy = self._copy, None
        try:
            if copy is None:
                copy = yield from _copy_of(replica)
            for piece in pieces():
                copy.apply([piece])
                yield
        except DocumentBroken as error:
            raise InvalidRequest("This update cannot be applied.") from error
        most, now, tried = self._limits.text_bytes, replica.text_bytes(), copy.text_bytes()
        sizes = {name: size - before.get(name, 0) + now.get(name, 0) for name, size in tried.items()}  # others may have gone on meanwhile
        if any(size + reserved > max(most, now.get(name, 0)) for name, size in sizes.items()):
            raise self._text_is_full()
        if max(sizes.values(), default=0) + reserved > most - most // _SLACK_PARTS:
            self._copy = copy

    def _text_is_full(self) -> TooLarge:
        return TooLarge(f"This text is full: it may have {self._limits.text_bytes:,} bytes.")


@dataclass(frozen=True, slots=True)
class Sized:
    """An update to be measured: its bytes, how many of them are not known yet, what of it fits, and the pieces in which pycrdt takes it."""

    data: bytes
    size: int
    fresh: int
    order: Sequence[tuple[int, Struct]]
    pieces: Callable[[], Iterable[bytes]]


def _letters(update: Sized) -> Steps[int]:
    """Bytes of text in what fits: the most that texts can grow by."""
    data, size = update.data, 0
    for client, run in update.order:
        for struct in each(data, run, client):
            if struct.kind == Kind.STRING:
                size += read_varuint(data, read_needs(data, struct.start + 1, data[struct.start])[2])[0]
        yield
    return size


def _copy_of(replica: Replica) -> Steps[Replica]:
    copy = Replica()
    state = replica.state()
    try:
        walked = yield from walk_in_steps(state, len(state), len(state))
    except InvalidRequest:  # yrs 0.28 writes strings of no letters where somebody stood between two surrogates
        copy.apply([state])
        return copy
    found = yield from sort_in_steps(walked, {})
    for piece in cut(state, found, lambda: EVERY):
        copy.apply([piece])
        yield
    return copy
