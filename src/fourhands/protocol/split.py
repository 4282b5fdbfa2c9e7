"""An update in two: what fits onto a document now, and what waits for edits that it builds on.

Called by `room.document` with what `walk` read. Nothing goes into pycrdt that was not split here: yrs 0.28 takes updates
on trust, fills gaps between clocks, and can take the process down with what a client made up.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple

from fourhands.errors import InvalidRequest
from fourhands.protocol.nesting import Stand, find, stands
from fourhands.protocol.pairs import NOTHING, Found, Pairs
from fourhands.protocol.structs import Clock, Kind, Place, Struct, struct_at
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import DeleteSet
from fourhands.protocol.varint import write_varuint
from fourhands.protocol.walk import Walked, walk

MOST_JOINED = 1 << 22
"""Structs times bytes that pycrdt gets at once: yrs 0.28 needs half as many bytes to join them if they are letters typed in a row. An
update of 400 KB took 9 s and 3 GB, one of 2 MB all memory."""

MOST_RANGES_AT_ONCE = 1024
"""Deleted ranges that pycrdt gets at once, the last ones first: each may cut a piece of text in two, and all behind it moves."""

_TEXT = frozenset((Kind.COLLECTED, Kind.DELETED, Kind.STRING, Kind.FORMAT, Kind.SKIP))  # the others may be values of maps


class Split(NamedTuple):
    """An update in two: what fits onto a document now, and the rest; both are updates, empty ones if nothing is in them.

    `grown`: client id -> next clock, where `ready` moves it. `blocks`: the rest may fit once one of these clocks is there
    (one for each client); `waits`: how many structs and ranges of deleted clocks it holds. `types`: the types that `ready`
    brings, and where they stand; `parents`: what else it takes for types. `places`: where the structs that are new, ready or not, say to stand.
    `fresh`: bytes of structs in `ready` that are new, `structs`: how many; `values`: whether there are any among them but text. `pairs`: what `ready`
    does to surrogate pairs; `deletes`: what it deletes.
    """

    ready: bytes
    grown: Mapping[int, int]
    rest: bytes
    blocks: tuple[Clock, ...]
    waits: int = 0
    types: Mapping[Clock, Stand] = MappingProxyType({})
    parents: frozenset[Clock] = frozenset()
    places: frozenset[Place] = frozenset()
    fresh: int = 0
    structs: int = 0
    values: bool = False
    pairs: Found = NOTHING
    deletes: DeleteSet = MappingProxyType({})


def split(walked: Walked, known: Mapping[int, int], pairs: Pairs | None = None) -> Split:
    """What of an update builds on a document of that state vector (`known`: client id -> next clock) and with those surrogate
    pairs, and what waits.

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
    places = frozenset(struct.place for struct in fresh if struct.place and struct.kind != Kind.DELETED)
    types, parents = stands(walked.data, taken), _parents(walked.data, taken)
    came = [struct for structs in taken.values() for struct in structs]
    size, number, values = (
        sum(struct.end - struct.start for struct in came),
        sum(struct.pieces for struct in came),
        any(struct.kind not in _TEXT for struct in came),
    )
    found = (pairs or Pairs()).look(walked.data, taken, now, known)
    if len(came) == sum(map(len, walked.sections.values())) and not later:  # what is known already is left out
        return Split(walked.data, have, EMPTY_UPDATE, (), 0, types, parents, places, size, number, values, found, now)
    blocks = _soonest(  # also where others tell the first struct of a section: then the next one may fit
        [block for client, structs in left.items() for block in (*_blocks(structs[0], client, known, have), (client, structs[0].after - 1))]
        + [(client, ranges[0][1] - 1) for client, ranges in later.items()]
    )
    waits = sum(struct.pieces for structs in left.values() for struct in structs) + sum(map(len, later.values()))
    ready, rest = _write(walked.data, taken, now), _write(walked.data, left, later)
    return Split(ready, have, rest, blocks, waits, types, parents, places, size, number, values, found, now)


def steps(walked: Walked, known: Mapping[int, int]) -> Sequence[bytes]:
    """What of an update fits, cut so that each part builds on nothing but those before it; deletions are left out."""
    order = _order(walked, known)
    return [_write(walked.data, {client: [struct for _, struct in part]}, {}) for client, part in groupby(order, itemgetter(0))]


def pieces(walked: Walked, known: Mapping[int, int], most_structs: int) -> Sequence[bytes]:
    """An update cut into several of about so many structs, each of which builds on nothing but those before it and `known`;
    deletions come last. One alone if it is no larger, or if not all of it fits."""
    order = _order(walked, known)
    if len(order) < sum(map(len, walked.sections.values())) or sum(struct.pieces for _, struct in order) <= most_structs:
        return [walked.data]
    found: list[bytes] = []
    part: dict[int, list[Struct]] = {}
    size = 0
    for client, struct in order:
        part.setdefault(client, []).append(struct)
        size += struct.pieces
        if size >= most_structs:
            found.append(_write(walked.data, part, {}))
            part, size = {}, 0
    return [*found, _write(walked.data, part, walked.deletes)]


def light_pieces(part: Split, known: Mapping[int, int]) -> Sequence[bytes]:
    """What fits, in updates that pycrdt takes one after the other without holding too much; mostly it is one."""
    ranges = sum(map(len, part.deletes.values()))
    if part.structs * part.fresh <= MOST_JOINED and ranges <= MOST_RANGES_AT_ONCE:
        return (part.ready,)
    walked = walk(part.ready, len(part.ready), len(part.ready))
    return [*(_write(part.ready, sections, {}) for sections in _light(_order(walked, known))), *deletions(part.deletes)]


def deletions(deletes: DeleteSet) -> Sequence[bytes]:
    """Those deletions as updates, some ranges in each, the last ones first."""
    return [
        _write(b"", {}, {client: ranges[max(0, end - MOST_RANGES_AT_ONCE) : end]})
        for client, ranges in deletes.items()
        for end in range(len(ranges), 0, -MOST_RANGES_AT_ONCE)
    ]


def with_deletes(update: bytes, deletes: DeleteSet) -> bytes:
    """An update that adds as much as that one, and deletes this instead."""
    walked = walk(update, len(update), len(update))
    return _write(update, walked.sections, deletes)


def _light(order: Iterable[tuple[int, Struct]]) -> Iterator[Mapping[int, list[Struct]]]:
    """Structs in that order, cut so that pycrdt joins little in each part."""
    part: dict[int, list[Struct]] = {}
    number = size = 0
    for client, struct in order:
        number, size = number + struct.pieces, size + struct.end - struct.start
        if part and number * size > MOST_JOINED:
            yield part
            part, number, size = {}, struct.pieces, struct.end - struct.start
        part.setdefault(client, []).append(struct)
    if part:
        yield part


# ---- what fits -----------------------------------------------------------------------------------------------------


def _order(walked: Walked, known: Mapping[int, int]) -> Sequence[tuple[int, Struct]]:
    """What fits, each struct after what it builds on, and whose it is."""
    order: list[tuple[int, Struct]] = []
    _take_what_fits(walked, known, order)
    return order


def _take_what_fits(walked: Walked, known: Mapping[int, int], order: list[tuple[int, Struct]] | None = None) -> tuple[dict[int, list[Struct]], dict[int, int]]:
    """The structs that fit, and where they move clocks. A client's section that stops is looked at again when the clock
    that it misses is there, so that each struct is looked at once and once more for each of its needs. `order`: gets them
    in the order in which they fit."""
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
                if order is not None:
                    order.append((client, struct))
            places[client] += 1
        while (waiters := stopped.get(client)) and waiters[0][0] < have.get(client, 0):
            todo.append(heappop(waiters)[1])
    return taken, have


def _parents(data: bytes, taken: Mapping[int, list[Struct]]) -> frozenset[Clock]:
    """What those structs stand in, but for types among them. Raises `InvalidRequest` when they stand in one of them that
    is neither a type nor deleted: a letter, an embed."""
    parents: set[Clock] = set()
    for parent in {struct.needs[0] for structs in taken.values() for struct in structs if struct.inside}:
        if (run := find(taken, parent)) is None:
            parents.add(parent)
        elif struct_at(data, run, *parent).kind not in (Kind.TYPE, Kind.COLLECTED, Kind.DELETED):
            raise InvalidRequest("Something in this update stands in what is no type.")
    return frozenset(parents)


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
        pieces = sum(struct.pieces for struct in structs)
        parts += [write_varuint(pieces), write_varuint(client), write_varuint(structs[0].clock), data[structs[0].start : structs[-1].end]]
    parts.append(write_varuint(len(deletes)))
    for client, ranges in deletes.items():
        parts += [write_varuint(client), write_varuint(len(ranges))]
        parts += [write_varuint(start) + write_varuint(end - start) for start, end in ranges]
    return b"".join(parts)
