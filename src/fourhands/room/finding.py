"""Finds a text in a room's whole past: wherever it stood together at any moment, and wherever it was written in one go.

Called by `actions.erase_text`. The edits are replayed one by one, and the texts looked at behind each: so it is found that was typed in
pieces, by several people, out of order, or pasted into something larger. What one client wrote in a row is found
also if it never showed: written and deleted in one update, or in a type that is no text at the top.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from fourhands.errors import InvalidRequest, TooLarge, Unavailable
from fourhands.model.limits import Limits
from fourhands.protocol.cutting import deletions
from fourhands.protocol.erasing import Ranges, joined
from fourhands.protocol.said import Text, said, unshown, utf16
from fourhands.protocol.walk import Walked, walk
from fourhands.room.document import Document, DocumentBroken
from fourhands.room.replica import TEXT, Replica
from fourhands.room.restoring import in_parts

MOST_PLACES = 1000
LEAST_PIECE = 4
Span = tuple[int, int, int]
"""Client, first clock, the clock behind."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a text stood in a document and its past. `ranges`, `names`: what to erase, as `protocol.erasing` takes it.

    `texts`: how often by the id of the file (or the name of another type), `now`: how many of them stand there now, `values`:
    names of files, formats and other values that hold it; `pieces`: longer parts of it that stood by themselves and are not in `ranges`.
    """

    ranges: Ranges
    names: frozenset[str]
    texts: Mapping[str, int]
    now: int
    values: int
    pieces: int

    @property
    def clocks(self) -> int:
        return sum(end - start for of_client in self.ranges.values() for start, end in of_client)


class Search:
    """One search; it is given all edits of a room in their order.

    Invariant: `_shown` holds what each of the `_roots` showed behind the last edit.
    """

    def __init__(self, wanted: str) -> None:
        """`wanted`: a text of at least two letters."""
        self._wanted = wanted
        self._units = utf16(wanted)
        self._bytes = wanted.encode()
        self._document = Document.reading(Limits())
        self._shown: dict[str, str] = {}
        self._stood: dict[str, set[frozenset[Span]]] = {}
        self._written: dict[int, dict[int, str]] = {}
        self._values: set[Span] = set()
        self._names: set[str] = set()

    def take(self, edits: Iterable[bytes]) -> None:
        """The next edits. Raises `Unavailable` if they cannot be replayed, `TooLarge` if the text stands in too many places."""
        for edit in edits:
            try:
                mixed = self._read(walk(edit, len(edit), len(edit)))
                mixed = bool(self._document.apply(edit).woken) or mixed
                self._document.flush()
            except (InvalidRequest, TooLarge):  # a room opens without it
                mixed = True
            except DocumentBroken as error:
                raise Unavailable("An edit cannot be replayed, so nothing was looked for: `fourhands journal check` names it.", "database") from error
            self._look(mixed=mixed)

    def found(self) -> Found:
        """What came of it so far."""
        by_root = {root: set(stood) for root, stood in self._stood.items()}
        known = joined(span for stood in by_root.values() for place in stood for span in place)
        in_a_row = [place for client in self._written for place in self._in_a_row(client)]
        unseen = [place for place in in_a_row if not _has(known, place)]
        ranges = joined([*((client, start, end) for client, of in known.items() for start, end in of), *unseen, *self._values])
        texts = {root.removeprefix(TEXT): len(stood) for root, stood in by_root.items() if stood}
        if unseen:
            texts[""] = len(unseen)
        now = sum(text.count(self._wanted) for text in self._shown.values())
        return Found(ranges, frozenset(self._names), texts, now, len(self._values), self._pieces(ranges))

    # ---- what was written ------------------------------------------------------------------------------------------

    def _read(self, walked: Walked) -> bool:
        """Note what an update says; whether it changes texts in more than one place, or may."""
        texts = 0
        for one in said(walked):
            if one.place is not None:
                self._names.update(name for name in one.place if self._wanted in name)
            if isinstance(one, Text):
                texts += 1
                self._written.setdefault(one.client, {}).setdefault(one.clock, one.units)
                if len(self._written[one.client][one.clock]) < len(one.units):
                    self._written[one.client][one.clock] = one.units
                if one.place is not None and not one.place[1]:
                    self._shown.setdefault(one.place[0], "")
            elif self._bytes in one.held:
                self._values.add((one.client, one.clock, one.clock + 1))
        return texts > 1 or (texts == 1 and bool(walked.deletes))

    def _rows(self, client: int) -> Iterator[tuple[int, str]]:
        """What a client wrote without anything between: first clock, and units."""
        written = self._written[client]
        begun, parts, at = 0, list[str](), -1
        for clock in sorted(written):
            units = written[clock]
            if clock > at and parts:
                yield begun, "".join(parts)
                parts = []
            if not parts:
                begun = at = clock
            if clock + len(units) > at:
                parts.append(units[at - clock :])
                at = clock + len(units)
        if parts:
            yield begun, "".join(parts)

    def _in_a_row(self, client: int) -> Iterator[Span]:
        for begun, units in self._rows(client):
            for start in _starts(units, self._units):
                yield client, begun + start, begun + start + len(self._units)

    def _pieces(self, ranges: Ranges) -> int:
        """How often half of the text or more was written in a row where it is not erased."""
        size = max(LEAST_PIECE, (len(self._units) + 1) // 2)
        wanted = {self._units[start : start + size] for start in range(len(self._units) - size + 1)}
        count = 0
        for client in self._written if size < len(self._units) else ():
            for begun, units in self._rows(client):
                left = units
                for start, end in ranges.get(client, ()):
                    first, last = max(0, start - begun), min(len(units), end - begun)
                    if first < last:
                        left = left[:first] + "\0" * (last - first) + left[last:]
                starts = sorted(start for piece in wanted for start in _starts(left, piece))
                count += sum(place == 0 or starts[place - 1] + size <= start for place, start in enumerate(starts))
        return count

    # ---- what showed -----------------------------------------------------------------------------------------------

    def _look(self, *, mixed: bool) -> None:
        for root, before in self._shown.items():
            text = self._document.text(root=root)
            since, until = _window(before, text, len(self._wanted), mixed=mixed)
            self._shown[root] = text
            if places := [since + start for start in _starts(text[since:until], self._wanted)]:
                stood = self._stood.setdefault(root, set())
                stood.update(self._clocks(root, text, places))
                if len(stood) > MOST_PLACES:
                    raise TooLarge(f"This stood in more than {MOST_PLACES:,} places. Give more of the text around it.")

    def _clocks(self, root: str, text: str, places: Sequence[int]) -> Iterator[frozenset[Span]]:
        """The clocks of the text at those places: pycrdt tells them of what is deleted, so a copy has it deleted."""
        copy = Replica()
        for part in in_parts(state := self._document.state()):
            copy.apply([part])
        if copy.length(root) != len(text.encode(errors="replace")):
            copy.apply_each([*deletions(unshown(walk(state, len(state), len(state))))])
        bytes_before = list(accumulate((len(letter.encode(errors="replace")) for letter in text), initial=0)) if not text.isascii() else range(len(text) + 1)
        for first, last in reversed(_joined_places(places, len(self._wanted))):
            deletes = copy.delete(root, bytes_before[first], bytes_before[last])
            yield frozenset((client, start, end) for client, of in deletes.items() for start, end in of)


def _starts(text: str, wanted: str) -> Iterator[int]:
    """Where it stands, also where one overlaps the next."""
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _joined_places(starts: Sequence[int], size: int) -> Sequence[tuple[int, int]]:
    """Those that overlap as one: first letter, and the letter behind."""
    found: list[tuple[int, int]] = []
    for start in starts:
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], start + size)
        else:
            found.append((start, start + size))
    return found


def _window(before: str, after: str, size: int, *, mixed: bool) -> tuple[int, int]:
    """Where in a text there may be something of that size that was not there before, by one change at one place.

    Texts do not tell which of some equal letters came or went: all places that it could have been are in it. `mixed`: nothing is known of the
    change, and all of the text may be other letters than before.
    """
    if not mixed and before == after:
        return 0, 0
    fewer = min(len(before), len(after))
    first = _alike(before, after)
    last = fewer - min(fewer, _alike(before[::-1], after[::-1]))
    if mixed or first < last:
        return 0, len(after)
    return max(0, last - size + 1), first + max(0, len(after) - len(before)) + size - 1


def _alike(one: str, other: str) -> int:
    """With how many letters they both begin."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _has(known: Ranges, place: Span) -> bool:
    client, start, end = place
    return any(since <= start and end <= until for since, until in known.get(client, ()))
