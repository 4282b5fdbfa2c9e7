"""An update cut into several, each of which builds on nothing but those before it: yrs 0.28 takes what is too much for it at
once, and for everybody who waits meanwhile, well in parts.

Called by `room.document`, `room.sizes` and `room.restoring`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from fourhands.protocol.pairs import each
from fourhands.protocol.split import Sorted, Split, sort, write
from fourhands.protocol.structs import Struct
from fourhands.protocol.update import DeleteSet
from fourhands.protocol.walk import Walked, walk

MOST_JOINED = 1 << 22
"""Structs times bytes that pycrdt gets at once: yrs 0.28 needs half as many bytes to join them if they are letters typed in a row. An
update of 400 KB took 9 s and 3 GB, one of 2 MB all memory."""

MOST_RANGES_AT_ONCE = 64
"""Deleted ranges that pycrdt gets at once if there are more."""

MOST_CLIENTS_AT_ONCE = 16
"""Clients with structs in a part: whether all came in is looked up for each."""

MOST_BYTES_AT_ONCE = 1 << 16

_STRIDES = (4096, 64, 1)


def steps(walked: Walked, known: Mapping[int, int]) -> Sequence[bytes]:
    """What of an update fits, cut so that each part builds on nothing but those before it; deletions are left out."""
    order = sort(walked, known).order
    return [write(walked.data, {client: [struct for _, struct in part]}, {}) for client, part in groupby(order, itemgetter(0))]


def pieces(walked: Walked, known: Mapping[int, int], most_structs: int) -> Sequence[bytes]:
    """An update cut into several of about so many structs, each of which builds on nothing but those before it and `known`;
    deletions come last. One alone if it is no larger, or if not all of it fits."""
    order = sort(walked, known).order
    if len(order) < sum(map(len, walked.sections.values())) or sum(struct.pieces for _, struct in order) <= most_structs:
        return [walked.data]
    found: list[bytes] = []
    part: dict[int, list[Struct]] = {}
    size = 0
    for client, struct in order:
        part.setdefault(client, []).append(struct)
        size += struct.pieces
        if size >= most_structs:
            found.append(write(walked.data, part, {}))
            part, size = {}, 0
    return [*found, write(walked.data, part, walked.deletes)]


def light_pieces(part: Split, known: Mapping[int, int]) -> Sequence[bytes]:
    """What fits, in updates that pycrdt takes one after the other without holding too much; mostly it is one."""
    ranges = sum(map(len, part.deletes.values()))
    if part.structs * part.fresh <= MOST_JOINED and ranges <= MOST_RANGES_AT_ONCE:
        return (part.ready,)
    walked = walk(part.ready, len(part.ready), len(part.ready))
    return [*(write(part.ready, sections, {}) for sections in _light(sort(walked, known).order)), *deletions(part.deletes)]


def cut(update: bytes, found: Sorted, most: Callable[[], int], known: Mapping[int, int] | None = None) -> Iterator[bytes]:
    """The update that `found` says of what fits, in parts of `most()` structs at the most (asked anew for each); then its deletions, with
    the last part if they are few, so that what fits into one stays one; at last what waits for others, which is in parts as well.

    Where there are several parts, what it deletes of the clocks that are `known` comes first: a text that takes the place of another one
    never stands beside it, which may be more than a text may have."""
    part: dict[int, list[Struct]] = {}
    now, known = found.now, known or {}
    number = size = 0
    for client, run in found.order:
        for struct in each(update, run, client) if run.pieces > most() else (run,):
            number, size = number + struct.pieces, size + struct.end - struct.start
            too_many = number > most() or number * size > MOST_JOINED or size > MOST_BYTES_AT_ONCE
            if part and (too_many or (client not in part and len(part) >= MOST_CLIENTS_AT_ONCE)):
                if known:
                    first, now = _parted(now, known)
                    yield from deletions(first)
                    known = {}
                yield write(update, part, {})
                part, number, size = {}, struct.pieces, struct.end - struct.start
            part.setdefault(client, []).append(struct)
    together = bool(part) and sum(map(len, now.values())) <= MOST_RANGES_AT_ONCE
    if part:
        yield write(update, part, now if together else {})
    if not together:
        yield from deletions(now)
    for client, structs in found.left.items():
        for start in range(0, len(structs), 64):
            yield write(update, {client: structs[start : start + 64]}, {})
    yield from deletions(found.later)


def _parted(deletes: DeleteSet, known: Mapping[int, int]) -> tuple[DeleteSet, DeleteSet]:
    """Those of clocks that are known, and the others."""
    old: dict[int, list[tuple[int, int]]] = {}
    new: dict[int, list[tuple[int, int]]] = {}
    for client, ranges in deletes.items():
        until = known.get(client, 0)
        for start, end in ranges:
            if start < until:
                old.setdefault(client, []).append((start, min(end, until)))
            if end > until:
                new.setdefault(client, []).append((max(start, until), end))
    return old, new


def deletions(deletes: DeleteSet) -> Iterator[bytes]:
    """Those deletions as updates, some ranges in each.

    Some that lie far apart come first: each may cut a piece of text in two, of which a half is copied, and all behind it moves. 65,536 in a
    text of 900 KB take 0.1 s so, and 2 to 13 s from one end to the other.
    """
    few: dict[int, Sequence[tuple[int, int]]] = {}
    count = 0
    for client, ranges in deletes.items():
        if len(ranges) > MOST_RANGES_AT_ONCE:
            yield from _spread(client, ranges)
            continue
        if few and count + len(ranges) > MOST_RANGES_AT_ONCE:
            yield write(b"", {}, few)
            few, count = {}, 0
        few[client] = ranges
        count += len(ranges)
    if few:
        yield write(b"", {}, few)


def with_deletes(update: bytes, deletes: DeleteSet) -> bytes:
    """An update that adds as much as that one, and deletes this instead."""
    walked = walk(update, len(update), len(update))
    return write(update, walked.sections, deletes)


def _spread(client: int, ranges: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    coarser = 0
    for stride in _STRIDES:
        places = [place for place in range(0, len(ranges), stride) if not coarser or place % coarser]
        coarser = stride
        for start in range(0, len(places), MOST_RANGES_AT_ONCE):
            yield write(b"", {}, {client: [ranges[place] for place in places[start : start + MOST_RANGES_AT_ONCE]]})


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
