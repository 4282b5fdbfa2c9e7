"""Erases what somebody wrote out of a Yjs v1 update: its place stays, its content goes.

Called where a room's journal is rewritten. Erased clocks become deleted items of equal length, so that whoever has them already
is sent nothing, and what others wrote beside them still finds its place. Everything else stays byte for byte.

Source: yjs 13 `src/structs/Item.js` (`splitItem`, `write`), `ContentDeleted.js`, `GC.js`.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from fourhands.protocol.content import ends_of_values, read_text
from fourhands.protocol.pairs import each
from fourhands.protocol.structs import LEFT, RIGHT, Kind, Struct, read_needs
from fourhands.protocol.varint import read_varuint, write_bytes, write_varuint
from fourhands.protocol.walk import Walked, walk

Ranges = Mapping[int, Sequence[tuple[int, int]]]
"""Client id -> ranges [start, end) of its clocks; ascending, none touches the next."""

_PARENT_SUB = 0x20
_EMPTY = (Kind.COLLECTED, Kind.DELETED, Kind.SKIP)


def joined(ranges: Iterable[tuple[int, int, int]]) -> Ranges:
    """`Ranges` of (client, start, end) in any order, also where they overlap."""
    found: dict[int, list[tuple[int, int]]] = {}
    for client, start, end in sorted(ranges):
        of_client = found.setdefault(client, [])
        if of_client and start <= of_client[-1][1]:
            of_client[-1] = (of_client[-1][0], max(end, of_client[-1][1]))
        else:
            of_client.append((start, end))
    return found


def erase(update: bytes, ranges: Ranges, names: Collection[str] = ()) -> bytes:
    """The update without what stands at those clocks; the very bytes if there is nothing of it in there. Idempotent.

    A half of a surrogate pair takes the other with it. `names`: of top-level types and keys; what says to stand under one is collected, since
    a deleted item would say it too. Raises `InvalidRequest` or `TooLarge` if it is no update.
    """
    walked = walk(update, len(update), len(update))
    sections: list[bytes] = []
    changed = False
    for client, structs in walked.sections.items():
        count, written, touched = _section(walked, client, structs, ranges.get(client, ()), names)
        changed = changed or touched
        sections.append(write_varuint(count) + write_varuint(client) + write_varuint(structs[0].clock) + written)
    return b"".join([write_varuint(len(sections)), *sections, _deletes(walked)]) if changed else update


def _section(walked: Walked, client: int, runs: Sequence[Struct], ranges: Sequence[tuple[int, int]], names: Collection[str]) -> tuple[int, bytes, bool]:
    """How many structs a client has then, their bytes, and whether anything is another than before."""
    data, count, touched = walked.data, 0, False
    parts: list[bytes] = []
    for run in runs:
        if run.place is not None and (run.place[0] in names or run.place[1] in names):
            pieces, touched = [b"\x00" + write_varuint(run.after - run.clock)], True
        elif _within(ranges, run.clock, run.after):
            pieces = [piece for struct in each(data, run, client) for piece in _pieces(data, struct, client, ranges)]
            touched = touched or b"".join(pieces) != data[run.start : run.end]
        else:
            count += run.pieces
            parts.append(data[run.start : run.end])
            continue
        count += len(pieces)
        parts += pieces
    return count, b"".join(parts), touched


def _within(ranges: Sequence[tuple[int, int]], start: int, end: int) -> Sequence[tuple[int, int]]:
    """What of those ranges lies in [start, end), cut to it."""
    place = max(0, bisect_right(ranges, (start, 0)) - 1)
    found: list[tuple[int, int]] = []
    while place < len(ranges) and ranges[place][0] < end:
        if ranges[place][1] > start:
            found.append((max(start, ranges[place][0]), min(end, ranges[place][1])))
        place += 1
    return found


def _pieces(data: bytes, struct: Struct, client: int, ranges: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    """A struct without those clocks: what is left of it, and deleted items between, as Yjs would have split it."""
    gone = _within(ranges, struct.clock, struct.after)
    if not gone or struct.kind in _EMPTY:
        yield data[struct.start : struct.end]
        return
    head = _Head(data, struct, client)
    if struct.kind == Kind.STRING:
        text, _ = read_text(data, head.content)
        units = text.encode("utf-16-le")
        gone = _whole_pairs(units, struct.clock, gone)

        def write(start: int, end: int) -> bytes:
            return write_bytes(units[2 * start : 2 * end].decode("utf-16-le").encode())

    elif struct.kind == Kind.VALUE:
        ends = ends_of_values(data, head.content)

        def write(start: int, end: int) -> bytes:
            return write_varuint(end - start) + data[ends[start] : ends[end]]

    else:  # of one clock
        yield head.of(Kind.DELETED, struct.clock) + write_varuint(1)
        return
    at = struct.clock
    for start, end in gone:
        if at < start:
            yield head.of(struct.kind, at) + write(at - struct.clock, start - struct.clock)
        yield head.of(Kind.DELETED, start) + write_varuint(end - start)
        at = end
    if at < struct.after:
        yield head.of(struct.kind, at) + write(at - struct.clock, struct.after - struct.clock)


class _Head:
    """What says where an item stands. `content`: where in the update its content begins."""

    def __init__(self, data: bytes, struct: Struct, client: int) -> None:
        self._info = data[struct.start]
        self._clock = struct.clock
        self._client = client
        _, _, self.content = read_needs(data, struct.start + 1, self._info)
        self._where = data[struct.start + 1 : self.content]
        right = 0
        if self._info & LEFT and self._info & RIGHT:
            for _ in range(2):
                _, right = read_varuint(self._where, right)
        self._right = self._where[right:] if self._info & RIGHT else b""

    def of(self, kind: int, clock: int) -> bytes:
        """The head of the piece that begins there: the first one stands where the item stood, any other behind the one before."""
        if clock == self._clock:
            return bytes((self._info & ~31 | kind,)) + self._where
        info = LEFT | self._info & (RIGHT | _PARENT_SUB) | kind
        return bytes((info,)) + write_varuint(self._client) + write_varuint(clock - 1) + self._right


def _whole_pairs(units: bytes, clock: int, gone: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """The same ranges, grown where they cut a pair of UTF-16 surrogates; `units`: a text that begins at that clock."""

    def cuts(at: int) -> bool:
        return 0 < at - clock < len(units) // 2 and units[2 * (at - clock) + 1] & 0xFC == 0xDC

    grown: list[tuple[int, int]] = []
    for start, end in gone:
        first, last = start - cuts(start), end + cuts(end)
        if grown and first <= grown[-1][1]:
            first = grown.pop()[0]
        grown.append((first, last))
    return grown


def _deletes(walked: Walked) -> bytes:
    """The delete set."""
    parts = [write_varuint(len(walked.deletes))]
    for client, ranges in walked.deletes.items():
        parts += [write_varuint(client), write_varuint(len(ranges))]
        parts += [write_varuint(start) + write_varuint(end - start) for start, end in ranges]
    return b"".join(parts)
