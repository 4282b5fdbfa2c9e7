"""What still fits into a room's document: its texts, and the document as a whole, against their limits.

Called by `document.py` alone. Measuring a document costs by its size, so that it is done once for many updates; what
passes without is taken from a budget. Where a text is nearly full an update is tried on a copy first, and the copy is kept
for the next one while it stays nearly full: whoever writes at the edge of a limit costs the room a second replica, and no more.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set

from fourhands.errors import InvalidRequest, TooLarge
from fourhands.model.limits import Limits
from fourhands.protocol.structs import Place
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

    def require(self, replica: Replica, pieces: Sequence[bytes], fresh: int, reserved: int) -> None:
        """Raises `TooLarge` for an update (in pieces that pycrdt takes one after the other) that would pass a limit: `fresh` of
        its bytes are not known yet, and `reserved` bytes wait for others that they build on, and may come in at any time."""
        size = sum(map(len, pieces))
        if size <= self.budget:
            self.budget -= size
        elif not fresh:  # what only deletes is always taken, and a step 2 has the whole delete set
            self.came_in(pieces)
        else:
            left = self._left(replica, fresh + reserved) - reserved
            texts = replica.text_bytes()
            left_of_text = self._limits.text_bytes - max(texts.values(), default=0) - reserved
            if fresh > left_of_text:
                self._try_on_copy(replica, pieces, texts, reserved)
                left = 0
            else:
                self._copy = None
            self._grant(size, max(0, min(left, left_of_text) - size))

    def require_files(self, replica: Replica, places: Set[Place]) -> None:
        """Raises `TooLarge` when what names those places would make more files, or more texts of files, than may be; texts
        of deleted files are among them."""
        named = {name for name, _ in places if name.startswith(TEXT)}
        keys = {key for name, key in places if name == FILES and key}
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
        self._grant(sum(map(len, pieces)), 0)
        if self._copy is not None:
            self._copy.apply_each(pieces)

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

    def _try_on_copy(self, replica: Replica, pieces: Sequence[bytes], texts: Mapping[str, int], reserved: int) -> None:
        copy, self._copy = self._copy, None
        try:
            if copy is None:
                copy = Replica()
                copy.apply([replica.state()])
            copy.apply_each(pieces)
        except DocumentBroken as error:
            raise InvalidRequest("This update cannot be applied.") from error
        most = self._limits.text_bytes
        if any(size + reserved > max(most, texts.get(name, 0)) for name, size in copy.text_bytes().items()):
            raise self._text_is_full()
        if max(copy.text_bytes().values(), default=0) + reserved > most - most // _SLACK_PARTS:
            self._copy = copy

    def _text_is_full(self) -> TooLarge:
        return TooLarge(f"This text is full: it may have {self._limits.text_bytes:,} bytes.")
