"""How deep the types of a document stand in each other, which Yjs and yrs do not bound: deleting the outermost of some
thousands overflows the stack of every page (about 3,000 in a browser), and of some ten thousands that of the server.

Called by `room.document` before it takes an update.
"""

import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from fourhands.errors import TooLarge
from fourhands.protocol.steps import EVERY, Steps
from fourhands.protocol.structs import Clock, Kind, Struct, struct_at

DEEPEST = 500
"""Types in each other."""

MOST_TYPES = 1 << 17
"""Types in a document, but for those at its top; deleted ones count until the room is loaded again."""


class Stand(NamedTuple):
    """Where a type stands: inside another type, or `beside` something whose place is not known here; `where` is None at
    the top."""

    where: Clock | None
    beside: bool = False


class Nesting:
    """The depths of a document's types."""

    __slots__ = ("_deepest", "_depths")

    def __init__(self) -> None:
        self._depths: dict[Clock, int] = {}
        self._deepest = 0

    @classmethod
    def of(cls, state: bytes, sections: Mapping[int, Sequence[Struct]]) -> Steps["Nesting"]:
        """Of a whole document; what is in it already is too deep for nobody."""
        nesting = cls()
        types = yield from stands(state, sections)
        nesting.know((yield from nesting._measure(types, sys.maxsize)))
        return nesting

    def __contains__(self, clock: Clock) -> bool:
        return clock in self._depths

    def measure(self, types: Mapping[Clock, Stand]) -> Steps[Mapping[Clock, int]]:
        """How deep those would stand. Raises `TooLarge` if it is too deep, or if they are too many."""
        if len(self._depths) + len(types) > MOST_TYPES:
            raise TooLarge(f"This document is full: it may have {MOST_TYPES:,} types.")
        return (yield from self._measure(types, DEEPEST))

    def know(self, depths: Mapping[Clock, int]) -> None:
        """They are in the document now."""
        if depths:
            self._depths.update(depths)
            self._deepest = max(self._deepest, *depths.values())

    def _measure(self, types: Mapping[Clock, Stand], deepest: int) -> Steps[Mapping[Clock, int]]:
        depths: dict[Clock, int] = {}
        for number, first in enumerate(types, 1):
            if not number % EVERY:
                yield
            for clock in _outermost_first(first, types, depths):
                depths[clock] = self._depth(types[clock], depths)
                if depths[clock] > deepest:
                    raise TooLarge(f"Types may stand {DEEPEST} deep in each other.")
        return depths

    def _depth(self, stand: Stand, depths: Mapping[Clock, int]) -> int:
        if stand.where is None:
            return 1
        known = depths.get(stand.where) or self._depths.get(stand.where)
        if known is None:  # beside a letter, somewhere: it cannot be deeper than this
            return self._deepest + 1
        return known if stand.beside else known + 1


def stands(data: bytes, sections: Mapping[int, Sequence[Struct]]) -> Steps[Mapping[Clock, Stand]]:
    """Where the types among those structs of an update stand."""
    found: dict[Clock, Stand] = {}
    types: list[Clock] = []
    for number, (client, structs) in enumerate(sections.items(), 1):
        if not number % EVERY:
            yield
        for place, struct in enumerate(structs, 1):
            if struct.kind == Kind.TYPE:
                types.append((client, struct.clock))
            if not place % (4 * EVERY):
                yield
    for number, clock in enumerate(types, 1):
        yield from _follow(data, sections, clock, found)
        if not number % EVERY:
            yield
    told: dict[Clock, Stand] = {}
    for number, (clock, stand) in enumerate(found.items(), 1):
        if _is_type(sections, clock):
            told[clock] = stand
        if not number % EVERY:
            yield
    return told


def find(sections: Mapping[int, Sequence[Struct]], clock: Clock) -> Struct | None:
    """The struct, or the run of structs, that holds that clock."""
    structs = sections.get(clock[0], ())
    place = bisect_right(structs, clock[1], key=attrgetter("clock")) - 1
    return structs[place] if place >= 0 and clock[1] < structs[place].after else None


def _follow(data: bytes, sections: Mapping[int, Sequence[Struct]], clock: Clock, found: dict[Clock, Stand]) -> Steps[None]:
    """Go from neighbour to neighbour until one says where it stands, and note that for all on the way. A circle (of what is
    known in part, and told differently now) is left where it closes."""
    way: dict[Clock, None] = {}
    while True:
        if known := found.get(clock):
            stand = known
            break
        run = find(sections, clock)
        if run is None:
            stand = Stand(clock, beside=True)
            break
        struct = struct_at(data, run, *clock)
        clock = (clock[0], struct.clock)
        if clock in way:
            stand = Stand(None)
            break
        way[clock] = None
        if not len(way) % EVERY:
            yield
        if struct.inside or not struct.needs:
            stand = Stand(struct.needs[0] if struct.inside else None)
            break
        clock = struct.needs[0]
    found.update(dict.fromkeys(way, stand))


def _is_type(sections: Mapping[int, Sequence[Struct]], clock: Clock) -> bool:
    struct = find(sections, clock)
    return struct is not None and struct.kind == Kind.TYPE


def _outermost_first(clock: Clock, types: Mapping[Clock, Stand], done: Mapping[Clock, int]) -> Iterator[Clock]:
    """That type and those that it stands in, as far as they are among them and not done."""
    chain: dict[Clock, None] = {}
    where: Clock | None = clock
    while where is not None and where in types and where not in done and where not in chain:
        chain[where] = None
        where = types[where].where
    return reversed(chain)
