"""A walk over the structs of a Yjs v1 update without a document: what it adds, builds on and deletes, and whether it is
one at all. `room.document` lets nothing into pycrdt that was not walked here: yrs 0.28 takes updates on trust, fills gaps
between clocks, and can take the process down with what a client made up.

Source: yjs 13 `src/utils/encoding.js`, `src/structs/*.js`; lib0 `encoding.js` (`writeAny`).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from operator import attrgetter
from typing import NamedTuple

from fourhands.errors import InvalidRequest
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import LAST_CLOCK, MOST_RANGES, DeleteSet, read_ranges
from fourhands.protocol.varint import read_bytes, read_varuint, write_varuint

Clock = tuple[int, int]
"""A Yjs client id and one of its clocks."""

Place = tuple[str, str]
"""The name of a top-level type, and a key in it (empty if there is none)."""

MOST_SECTIONS = 1 << 16
"""Clients whose structs one update may hold."""

_GC, _DELETED, _TYPE, _SKIP = 0, 1, 7, 10
_TEXT = frozenset((_GC, _DELETED, 4, 6, _SKIP))  # strings and formats; the others may be values of maps
_ORIGIN, _RIGHT_ORIGIN, _PARENT_SUB = 0x80, 0x40, 0x20
_DEEPEST = 64
_ANY_BYTES = {127: 0, 126: 0, 121: 0, 120: 0, 124: 4, 123: 8, 122: 8}


class Struct(NamedTuple):
    """One struct: the bytes [start, end) of the update, its clocks [clock, after), and what must be there before it.

    `inside`: what it needs is a type that it stands in, by itself. `place`: the top-level type that it names.
    """

    start: int
    end: int
    clock: int
    after: int
    needs: tuple[Clock, ...]
    kind: int
    inside: bool = False
    place: Place | None = None

    @property
    def skips(self) -> bool:
        return self.kind == _SKIP


@dataclass(slots=True)
class Walked:
    """What an update holds: each client's structs in their order, and ranges of deleted clocks."""

    data: bytes
    sections: dict[int, list[Struct]] = field(default_factory=dict[int, list[Struct]])
    deletes: DeleteSet = field(default_factory=dict[int, list[Clock]])
    skips: bool = False

    def adds_beyond(self, known: Mapping[int, int]) -> bool:
        """Whether it holds structs that somebody with this state vector lacks."""
        return any(struct.after > known.get(client, 0) for client, structs in self.sections.items() for struct in structs if not struct.skips)


class Split(NamedTuple):
    """An update in two: what fits onto a document now, and the rest; both are updates, empty ones if nothing is in them.

    `grown`: client id -> next clock, where `ready` moves it. `blocks`: the rest may fit once one of these clocks is there
    (one for each client); `waits`: how many structs and ranges of deleted clocks it holds. `types`: the types that `ready`
    brings; `parents`: what it takes for types besides. `places`: where the structs that are new, ready or not, say to stand.
    `fresh`: bytes of structs in `ready` that are new; `values`: whether there are any among them but text.
    """

    ready: bytes
    grown: Mapping[int, int]
    rest: bytes
    blocks: tuple[Clock, ...]
    waits: int = 0
    types: frozenset[Clock] = frozenset()
    parents: frozenset[Clock] = frozenset()
    places: frozenset[Place] = frozenset()
    fresh: int = 0
    values: bool = False


def walk(update: bytes, most_ranges: int = MOST_RANGES) -> Walked:
    """Read an update. Raises `InvalidRequest` if it is none, `TooLarge` if it deletes more ranges than those."""
    walked = Walked(update)
    count, position = read_varuint(update, 0)
    if count > MOST_SECTIONS:
        raise InvalidRequest("This update holds edits of too many clients.")
    for _ in range(count):
        number, position = read_varuint(update, position)
        client, position = read_varuint(update, position)
        clock, position = read_varuint(update, position)
        if not number or client in walked.sections:
            raise InvalidRequest("This update names a client without structs, or twice.")
        structs: list[Struct] = []
        for _ in range(number):
            struct = _read_struct(update, position, client, clock)
            structs.append(struct)
            walked.skips = walked.skips or struct.skips
            position, clock = struct.end, struct.after
        walked.sections[client] = structs
    walked.deletes, position = read_ranges(update, position, most_ranges)
    if position != len(update):
        raise InvalidRequest("This update has bytes left over.")
    return walked


def split(walked: Walked, known: Mapping[int, int]) -> Split:
    """What of an update builds on a document of that state vector (`known`: client id -> next clock), and what waits.

    A document that gets `ready` parts alone has no gaps and nothing pending.
    """
    taken, have = _take_what_fits(walked, known)
    left: dict[int, list[Struct]] = {}
    for client, structs in walked.sections.items():
        there = have.get(client, known.get(client, 0))
        if rest := _without_edges([struct for struct in structs if struct.after > there]):
            left[client] = rest
    now, later = _split_deletes(walked.deletes, known, have)
    fresh = [struct for part in (taken, left) for structs in part.values() for struct in structs]
    places = frozenset(struct.place for struct in fresh if struct.place and struct.kind != _DELETED)
    types, parents = _types(taken)
    came = [struct for structs in taken.values() for struct in structs]
    size, values = sum(struct.end - struct.start for struct in came), any(struct.kind not in _TEXT for struct in came)
    if not left and not later and not walked.skips:
        return Split(walked.data, have, EMPTY_UPDATE, (), 0, types, parents, places, size, values)
    blocks = _soonest(
        [block for client, structs in left.items() for block in _blocks(structs[0], client, known, have)]
        + [(client, ranges[0][1] - 1) for client, ranges in later.items()]
    )
    waits = sum(map(len, (*left.values(), *later.values())))
    return Split(_write(walked.data, taken, now), have, _write(walked.data, left, later), blocks, waits, types, parents, places, size, values)


# ---- what fits -----------------------------------------------------------------------------------------------------


def _take_what_fits(walked: Walked, known: Mapping[int, int]) -> tuple[dict[int, list[Struct]], dict[int, int]]:
    """The structs that fit, and where they move clocks. A client's section that stops is looked at again when the clock
    that it misses is there, so that each struct is looked at once and once more for each of its needs."""
    have: dict[int, int] = {}
    taken: dict[int, list[Struct]] = {}
    places = dict.fromkeys(walked.sections, 0)
    stopped: defaultdict[int, list[Clock]] = defaultdict(list)  # client -> heap of the clock missed, and who misses it
    todo = list(walked.sections)
    while todo:
        client = todo.pop()
        structs = walked.sections[client]
        while places[client] < len(structs):
            struct = structs[places[client]]
            if struct.after > have.get(client, known.get(client, 0)):
                if missed := _blocks(struct, client, known, have):
                    who, clock = missed[0]
                    heappush(stopped[who], (clock, client))
                    break
                taken.setdefault(client, []).append(struct)
                have[client] = struct.after
            places[client] += 1
        while (waiters := stopped.get(client)) and waiters[0][0] < have.get(client, 0):
            todo.append(heappop(waiters)[1])
    return taken, have


def _types(taken: Mapping[int, list[Struct]]) -> tuple[frozenset[Clock], frozenset[Clock]]:
    """The types among those structs, and what else they stand in. Raises `InvalidRequest` when they stand in one that is
    neither a type nor deleted: a letter, an embed."""
    types = {(client, struct.clock) for client, structs in taken.items() for struct in structs if struct.kind == _TYPE}
    parents = {struct.needs[0] for structs in taken.values() for struct in structs if struct.inside} - types
    for client, clock in list(parents):
        structs = taken.get(client, ())
        place = bisect_right(structs, clock, key=attrgetter("clock")) - 1
        if place >= 0 and clock < structs[place].after:
            if structs[place].kind not in (_GC, _DELETED):
                raise InvalidRequest("Something in this update stands in what is no type.")
            parents.discard((client, clock))
    return frozenset(types), frozenset(parents)


def _soonest(blocks: Iterable[Clock]) -> tuple[Clock, ...]:
    """The smallest clock of each client."""
    soonest: dict[int, int] = {}
    for client, clock in blocks:
        soonest[client] = min(clock, soonest.get(client, clock))
    return tuple(soonest.items())


def _blocks(struct: Struct, client: int, known: Mapping[int, int], have: Mapping[int, int]) -> list[Clock]:
    """The clocks that a struct misses."""
    there = have.get(client, known.get(client, 0))
    if struct.skips:
        return [(client, struct.after - 1)] if struct.after > there else []
    missing = [(client, struct.clock - 1)] if struct.clock > there else []
    return missing + [(who, clock) for who, clock in struct.needs if clock >= have.get(who, known.get(who, 0))]


def _without_edges(structs: list[Struct]) -> list[Struct]:
    """Structs without the skips around them."""
    first, last = 0, len(structs)
    while first < last and structs[first].skips:
        first += 1
    while first < last and structs[last - 1].skips:
        last -= 1
    return structs[first:last]


def _split_deletes(deletes: DeleteSet, known: Mapping[int, int], have: Mapping[int, int]) -> tuple[DeleteSet, DeleteSet]:
    now: dict[int, list[Clock]] = {}
    later: dict[int, list[Clock]] = {}
    for client, ranges in deletes.items():
        there = have.get(client, known.get(client, 0))
        for start, end in ranges:
            if start < there:
                now.setdefault(client, []).append((start, min(end, there)))
            if end > there:
                later.setdefault(client, []).append((max(start, there), end))
    return now, later


def _write(data: bytes, sections: Mapping[int, list[Struct]], deletes: DeleteSet) -> bytes:
    parts = [write_varuint(len(sections))]
    for client, structs in sections.items():
        parts += [write_varuint(len(structs)), write_varuint(client), write_varuint(structs[0].clock), data[structs[0].start : structs[-1].end]]
    parts.append(write_varuint(len(deletes)))
    for client, ranges in deletes.items():
        parts += [write_varuint(client), write_varuint(len(ranges))]
        parts += [write_varuint(start) + write_varuint(end - start) for start, end in ranges]
    return b"".join(parts)


# ---- one struct ----------------------------------------------------------------------------------------------------


def _read_struct(data: bytes, start: int, client: int, clock: int) -> Struct:
    info, position = _read_byte(data, start)
    kind = info & 31
    needs: tuple[Clock, ...] = ()
    place: Place | None = None
    if kind in (_GC, _SKIP):
        if info != kind:
            raise InvalidRequest("This update holds a struct of no known kind.")
        length, position = read_varuint(data, position)
    else:
        needs, place, position = _read_needs(data, position, info)
        length, position = _read_content(data, position, kind)
        for who, when in needs:
            if who == client and when >= clock:
                raise InvalidRequest("A struct in this update builds on itself.")
    if not 0 < length <= LAST_CLOCK - clock:
        raise InvalidRequest("A struct in this update has no possible length.")
    inside = bool(needs) and not info & (_ORIGIN | _RIGHT_ORIGIN)
    return Struct(start, position, clock, clock + length, needs, kind, inside, place)


def _read_needs(data: bytes, position: int, info: int) -> tuple[tuple[Clock, ...], Place | None, int]:
    """What an item stands beside, or else inside: a clock, or a top-level type."""
    needs: tuple[Clock, ...] = ()
    if info & _ORIGIN:
        origin, position = _read_clock(data, position)
        needs = (origin,)
    if info & _RIGHT_ORIGIN:
        origin, position = _read_clock(data, position)
        needs = (*needs, origin)
    if needs:
        return needs, None, position
    name: str | None = None
    key = ""
    named, position = read_varuint(data, position)
    if named == 1:
        name, position = _read_text(data, position)
    elif named == 0:
        parent, position = _read_clock(data, position)
        needs = (parent,)
    else:
        raise InvalidRequest("A struct in this update has no possible parent.")
    if info & _PARENT_SUB:
        key, position = _read_text(data, position)
    return needs, None if name is None else (name, key), position


def _read_content(data: bytes, position: int, kind: int) -> tuple[int, int]:
    """The length in clocks of an item's content, and the offset behind it."""
    match kind:
        case 1:  # deleted
            return read_varuint(data, position)
        case 2:  # JSON, of old versions of Yjs
            count, position = read_varuint(data, position)
            for _ in range(count):
                _, position = _read_text(data, position)
            return count, position
        case 4:  # string: its length is that of JavaScript, in UTF-16 units
            text, position = _read_text(data, position)
            return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2, position
        case 8:  # any
            count, position = read_varuint(data, position)
            for _ in range(count):
                position = _read_any(data, position, 0)
            return count, position
        case _:
            return 1, _read_single(data, position, kind)


def _read_single(data: bytes, position: int, kind: int) -> int:
    """The offset behind a content that takes one clock."""
    match kind:
        case 3:  # binary
            return read_bytes(data, position)[1]
        case 5:  # embed
            return _read_text(data, position)[1]
        case 6:  # format: key and value
            return _read_text(data, _read_text(data, position)[1])[1]
        case 7:  # a type; XML elements and hooks have a name
            type_, position = read_varuint(data, position)
            if type_ > 6:
                raise InvalidRequest("This update holds a type that Yjs does not know.")
            return _read_text(data, position)[1] if type_ in (3, 5) else position
        case 9:  # a document inside
            return _read_any(data, _read_text(data, position)[1], 0)
        case _:
            raise InvalidRequest("This update holds a struct of no known kind.")


def _read_any(data: bytes, position: int, depth: int) -> int:
    """The offset behind one value of lib0's `any`."""
    if depth > _DEEPEST:
        raise InvalidRequest("A value in this update is nested too deeply.")
    kind, position = _read_byte(data, position)
    match kind:
        case 125:  # a signed integer: the first byte holds six bits
            while data[position : position + 1] > b"\x7f":
                position += 1
            position += 1
        case 119 | 116:
            _, position = _read_text(data, position) if kind == 119 else read_bytes(data, position)
        case 117 | 118:
            count, position = read_varuint(data, position)
            for _ in range(count):
                if kind == 118:
                    _, position = _read_text(data, position)
                position = _read_any(data, position, depth + 1)
        case _:
            if kind not in _ANY_BYTES:
                raise InvalidRequest("This update holds a value of no known kind.")
            position += _ANY_BYTES[kind]
    if position > len(data):
        raise InvalidRequest("This update is cut short.")
    return position


def _read_byte(data: bytes, position: int) -> tuple[int, int]:
    try:
        return data[position], position + 1
    except IndexError:
        raise InvalidRequest("This update is cut short.") from None


def _read_clock(data: bytes, position: int) -> tuple[Clock, int]:
    client, position = read_varuint(data, position)
    clock, position = read_varuint(data, position)
    return (client, clock), position


def _read_text(data: bytes, position: int) -> tuple[str, int]:
    raw, position = read_bytes(data, position)
    try:
        return raw.decode(), position
    except UnicodeDecodeError:
        raise InvalidRequest("A text in this update is not UTF-8.") from None
