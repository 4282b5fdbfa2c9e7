"""An update in two: what fits onto a document now, and what waits for edits that it builds on.

Called by `room.document` with what `walk` read. Nothing goes into pycrdt that was not split here: yrs 0.28 takes updates
on trust, fills gaps between clocks, and can take the process down with what a client made up.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from heapq import heappop, heappush
from types import MappingProxyType
from typing import NamedTuple

from fourhands.errors import InvalidRequest
from fourhands.protocol.nesting import Stand, find, stands
from fourhands.protocol.pairs import NOTHING, Found, Pairs
from fourhands.protocol.steps import EVERY, Steps, finish
from fourhands.protocol.structs import Clock, Kind, Place, Struct, struct_at
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import DeleteSet
from fourhands.protocol.varint import write_varuint
from fourhands.protocol.walk import Walked

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
    places: Set[Place] = frozenset()
    fresh: int = 0
    structs: int = 0
    values: bool = False
    pairs: Found = NOTHING
    deletes: DeleteSet = MappingProxyType({})


class Sorted(NamedTuple):
    """An update told apart. `order`: the structs that fit, each after what it builds on, and whose they are; `taken`: the same by
    client; `have`: where they move clocks; `left`: the others; `now`, `later`: which of its deletions fit, and which do not."""

    order: Sequence[tuple[int, Struct]]
    taken: Mapping[int, list[Struct]]
    have: Mapping[int, int]
    left: Mapping[int, list[Struct]]
    now: DeleteSet
    later: DeleteSet


def sort(walked: Walked, known: Mapping[int, int]) -> Sorted:
    """What of an update builds on a document of that state vector (`known`: client id -> next clock)."""
    return finish(sort_in_steps(walked, known))


def sort_in_steps(walked: Walked, known: Mapping[int, int]) -> Steps[Sorted]:
    """`sort`, some at a time; `known` stays as it is meanwhile."""
    order, taken, have = yield from _take_what_fits(walked, known)
    left: dict[int, list[Struct]] = {}
    for number, (client, structs) in enumerate(walked.sections.items(), 1):
        there = have.get(client, known.get(client, 0))
        if structs[-1].after > there and (rest := _without_edges([struct for struct in structs if struct.after > there])):
            left[client] = rest
        if not number % EVERY:
            yield
    now, later = yield from _split_deletes(walked.deletes, known, have)
    return Sorted(order, taken, have, left, now, later)


def split(walked: Walked, known: Mapping[int, int], pairs: Pairs | None = None) -> Split:
    """What of an update builds on a document of that state vector (`known`: client id -> next clock) and with those surrogate
    pairs, and what waits.

    A document that gets `ready` parts alone has no gaps and nothing pending.
    """
    return finish(split_in_steps(walked, sort(walked, known), known, pairs or Pairs()))


def split_in_steps(walked: Walked, found: Sorted, known: Mapping[int, int], pairs: Pairs) -> Steps[Split]:
    """`split` of what `sort` told apart, some at a time."""
    taken, left, now, later = found.taken, found.left, found.now, found.later
    size = number = whole = 0
    values = False
    places: set[Place] = set()
    for _, struct in found.order:
        size, number = size + struct.end - struct.start, number + struct.pieces
        values = values or struct.kind not in _TEXT
        if struct.place and struct.kind != Kind.DELETED:
            places.add(struct.place)
        whole += 1
        if not whole % EVERY:
            yield
    blocks: list[Clock] = []  # also where others tell the first struct of a section: then the next one may fit
    waits = 0
    for client, structs in left.items():
        blocks += [*_blocks(structs[0], client, known, found.have), (client, structs[0].after - 1)]
        places.update(struct.place for struct in structs if struct.place and struct.kind != Kind.DELETED)
        waits += sum(struct.pieces for struct in structs)
        yield
    types = yield from stands(walked.data, taken)
    parents = yield from _parents(walked.data, taken)
    cuts = yield from pairs.look_in_steps(walked.data, taken, now, known)
    told = (types, parents, places, size, number, values, cuts, now)
    if whole == sum(map(len, walked.sections.values())) and not later:  # what is known already is left out
        return Split(walked.data, found.have, EMPTY_UPDATE, (), 0, *told)
    blocks += [(client, ranges[0][1] - 1) for client, ranges in later.items()]
    waits += sum(map(len, later.values()))
    ready = yield from _write_in_steps(walked.data, taken, now)
    rest = yield from _write_in_steps(walked.data, left, later)
    return Split(ready, found.have, rest, _soonest(blocks), waits, *told)


# ---- what fits -----------------------------------------------------------------------------------------------------


def _take_what_fits(walked: Walked, known: Mapping[int, int]) -> Steps[tuple[list[tuple[int, Struct]], dict[int, list[Struct]], dict[int, int]]]:
    """The structs that fit, in order and by client, and where they move clocks. A client's section that stops is looked at again when the
    clock that it misses is there, so that each struct is looked at once and once more for each of its needs."""
    order: list[tuple[int, Struct]] = []
    looks = 0
    have: dict[int, int] = {}
    taken: dict[int, list[Struct]] = {}
    places = dict.fromkeys(walked.sections, 0)
    stopped: defaultdict[int, list[Clock]] = defaultdict(list)  # client -> heap of the clock missed, and who misses it
    todo = list(walked.sections)
    while todo:
        client = todo.pop()
        structs = walked.sections[client]
        while places[client] < len(structs):
            looks += 1
            if not looks % EVERY:
                yield
            struct = structs[places[client]]
            if struct.after > have.get(client, known.get(client, 0)):
                if missed := _blocks(struct, client, known, have):
                    who, clock = missed[0]
                    heappush(stopped[who], (clock, client))
                    break
                taken.setdefault(client, []).append(struct)
                have[client] = struct.after
                order.append((client, struct))
            places[client] += 1
        while (waiters := stopped.get(client)) and waiters[0][0] < have.get(client, 0):
            todo.append(heappop(waiters)[1])
    return order, taken, have


def _parents(data: bytes, taken: Mapping[int, list[Struct]]) -> Steps[frozenset[Clock]]:
    """What those structs stand in, but for types among them. Raises `InvalidRequest` when they stand in one of them that
    is neither a type nor deleted: a letter, an embed."""
    parents: set[Clock] = set()
    seen: set[Clock] = set()
    looks = 0
    for structs in taken.values():
        for struct in structs:
            looks += 1
            if not looks % EVERY:
                yield
            if not struct.inside or (parent := struct.needs[0]) in seen:
                continue
            seen.add(parent)
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


def _split_deletes(deletes: DeleteSet, known: Mapping[int, int], have: Mapping[int, int]) -> Steps[tuple[DeleteSet, DeleteSet]]:
    now: dict[int, list[Clock]] = {}
    later: dict[int, list[Clock]] = {}
    for client, ranges in deletes.items():
        there = have.get(client, known.get(client, 0))
        for number, (start, end) in enumerate(ranges):
            if not number % EVERY:
                yield
            if start < there:
                now.setdefault(client, []).append((start, min(end, there)))
            if end > there:
                later.setdefault(client, []).append((max(start, there), end))
    return now, later


def write(data: bytes, sections: Mapping[int, Sequence[Struct]], deletes: Mapping[int, Sequence[Clock]]) -> bytes:
    """An update of those structs of another one, each client's being neighbours there, and those deletions."""
    return finish(_write_in_steps(data, sections, deletes))


def _write_in_steps(data: bytes, sections: Mapping[int, Sequence[Struct]], deletes: Mapping[int, Sequence[Clock]]) -> Steps[bytes]:
    parts = [write_varuint(len(sections))]
    for number, (client, structs) in enumerate(sections.items(), 1):
        pieces = sum(struct.pieces for struct in structs)
        parts += [write_varuint(pieces), write_varuint(client), write_varuint(structs[0].clock), data[structs[0].start : structs[-1].end]]
        if not number % EVERY:
            yield
    parts.append(write_varuint(len(deletes)))
    for client, ranges in deletes.items():
        parts += [write_varuint(client), write_varuint(len(ranges))]
        for number, (start, end) in enumerate(ranges):
            parts.append(write_varuint(start) + write_varuint(end - start))
            if not number % EVERY:
                yield
    return b"".join(parts)
