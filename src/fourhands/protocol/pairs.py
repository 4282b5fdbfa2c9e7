"""Where a document's letters take two clocks, a surrogate pair of UTF-16, and whether an update cuts one in two.

Called by `split.py`, `keystroke.py` and `room.document`. Yjs shows replacement characters where one was cut; yrs 0.28 keeps
the letter, counts clocks otherwise from there on, and writes a state that says another thing than the document does.

Source: yjs 13 `src/structs/ContentString.js` (`splice`); yrs `block.rs` (`SplittableString`).
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from fourhands.protocol.content import read_text
from fourhands.protocol.steps import EVERY, EVERY_BYTES, Steps, finish
from fourhands.protocol.structs import LEFT, RIGHT, Clock, Kind, Struct, read_needs, read_struct
from fourhands.protocol.update import DeleteSet
from fourhands.protocol.walk import walk

_IN_BYTES = re.compile(rb"[\xf0-\xf4][\x80-\xbf]{3}").search
_IN_TEXT = re.compile("[\U00010000-\U0010ffff]").finditer


class Found(NamedTuple):
    """What an update brings: the second halves of its pairs, ascending for each client; and whether it cuts a pair."""

    halves: Mapping[int, Sequence[int]]
    cuts: bool


NOTHING = Found({}, cuts=False)


class Pairs:
    """The clocks at which second halves of pairs stand, in text that is not deleted: 8 bytes for each.

    Invariant: each client's are ascending, and there is no client without any.
    """

    __slots__ = ("halves",)

    def __init__(self) -> None:
        self.halves: dict[int, array[int]] = {}

    def read(self, state: bytes) -> None:
        """Those of a document's state, or of a piece of one that follows what was read before. Raises `InvalidRequest`."""
        if _IN_BYTES(state) is not None:  # numbers may look like one, too
            walked = walk(state, len(state), len(state))
            self.know(self.look(state, walked.sections, walked.deletes, {}), walked.deletes)

    def near(self, client: int, clock: int) -> bool:
        """Whether that letter is one of a pair, or the next begins in one: whoever stands beside it may cut it."""
        halves = self.halves.get(client)
        if halves is None:
            return False
        place = bisect_left(halves, clock)
        return place < len(halves) and halves[place] <= clock + 1

    def touched(self, client: int, start: int, end: int) -> bool:
        """Whether there is a half in [start, end], of which a deletion of [start, end) says something."""
        halves = self.halves.get(client)
        if halves is None:
            return False
        place = bisect_left(halves, start)
        return place < len(halves) and halves[place] <= end

    def look(self, data: bytes, sections: Mapping[int, Sequence[Struct]], deletes: DeleteSet, known: Mapping[int, int]) -> Found:
        """What those structs of an update and what it deletes do to pairs, in a document with those clocks."""
        return finish(self.look_in_steps(data, sections, deletes, known))

    def look_in_steps(self, data: bytes, sections: Mapping[int, Sequence[Struct]], deletes: DeleteSet, known: Mapping[int, int]) -> Steps[Found]:
        """`look`, some at a time."""
        fresh = _IN_BYTES(data) is not None
        if not fresh and not self.halves:
            return NOTHING
        halves: dict[int, array[int]] = {}
        points: list[Clock] = [(client, at) for client, ranges in deletes.items() for edges in ranges for at in edges]
        cuts = False
        for client, structs in sections.items():
            there = known.get(client, 0)
            if not len(points) % EVERY:
                yield
            began = structs[0].start if structs else 0
            for number, struct in enumerate(chain.from_iterable(each(data, run, client) for run in structs if run.after > there), 1):
                if not number % EVERY or struct.end - began > EVERY_BYTES:
                    began = struct.end
                    yield
                points += _edges(data, struct)
                if fresh and struct.kind == Kind.STRING and struct.after > there and (found := (yield from halves_of(data, struct))):
                    cuts = cuts or _has(found, there)
                    halves.setdefault(client, array("Q")).extend(found[bisect_right(found, there) :])
        for number, (client, at) in enumerate(points, 1):
            if cuts:
                break
            cuts = _has(self.halves.get(client, ()), at) or _has(halves.get(client, ()), at)
            if not number % EVERY:
                yield
        return Found(halves, cuts)

    def know(self, found: Found, deletes: DeleteSet) -> None:
        """It is in the document now."""
        for client, halves in found.halves.items():
            self.halves.setdefault(client, array("Q")).extend(halves)
        if self.halves:
            for client, ranges in deletes.items():
                self._forget(client, ranges)

    def _forget(self, client: int, ranges: Iterable[tuple[int, int]]) -> None:
        halves = self.halves.get(client)
        if halves is None:
            return
        for start, end in ranges:
            del halves[bisect_left(halves, start) : bisect_left(halves, end)]
        if not halves:
            del self.halves[client]


def halves_of(data: bytes, struct: Struct) -> "Steps[array[int]]":
    """The clocks of second halves in a struct that is a text, ascending."""
    found = array("Q")
    if _IN_BYTES(data, struct.start, struct.end) is None:
        return found
    text, _ = read_text(data, read_needs(data, struct.start + 1, data[struct.start])[2])
    for start in range(0, len(text), EVERY_BYTES):
        first = struct.clock + len(found) + 1  # each pair before it is one letter, and two clocks
        found.extend([first + pair.start() + number for number, pair in enumerate(_IN_TEXT(text, start, start + EVERY_BYTES))])
        yield
    return found


def _has(halves: Sequence[int], clock: int) -> bool:
    """Whether it is among them; they ascend."""
    place = bisect_left(halves, clock)
    return place < len(halves) and halves[place] == clock


def each(data: bytes, run: Struct, client: int) -> Iterator[Struct]:
    """The structs of a run, one by one."""
    position, clock = run.start, run.clock
    while position < run.end:
        struct = read_struct(data, position, client, clock)
        yield struct
        position, clock = struct.end, struct.after


def _edges(data: bytes, struct: Struct) -> Iterator[Clock]:
    """Between which clocks its neighbours have to be cut for it: before each of these."""
    info = data[struct.start]
    if struct.needs and not struct.inside:
        if info & LEFT:
            who, when = struct.needs[0]
            yield who, when + 1
        if info & RIGHT:
            yield struct.needs[-1]
