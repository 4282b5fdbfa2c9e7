"""Neighbours among the deleted structs of a state written as one: what one client wrote in a row, and others wrote into and deleted again.

Called where a state is kept (`room.restoring`). yrs 0.28 and Yjs join such structs only while nothing stands between them, so that a long past is mostly pieces
of a few letters. Whoever loads the joined one splits it where something says to stand in it: it means the same, clock by clock, as Yjs itself
sends it for letters that nobody wrote between yet.

Source: yjs 13 `src/structs/Item.js` (`mergeWith`, `write`), `ContentDeleted.js`.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fourhands.protocol.structs import Struct, read_struct
from fourhands.protocol.varint import NUMBER, read_number, write_varuint
from fourhands.protocol.walk import Walked

_PLAIN = NUMBER.replace(rb"(", rb"(?:", 1)
_DELETED = re.compile(  # beside something on its left, and perhaps on its right; all others are left as they are
    rb"(?:\x81" + NUMBER + NUMBER + rb"|\xc1" + NUMBER + NUMBER + rb"(" + _PLAIN + _PLAIN + rb"))" + NUMBER
).match
_MAY_BE_DELETED = re.compile(rb"[\x81\xc1]").search
_LENGTH = 6  # which group


class _Group(NamedTuple):
    """Structs that follow each other and are one: the length of the first is written from `at` on, the last ends at `end`."""

    at: int
    end: int
    length: int
    pieces: int


def join_deleted(walked: Walked) -> bytes:
    """The same update with fewer structs: a deleted one that stands right behind the one before it, beside the same on its right, is told with it.

    Its very bytes if there is none.
    """
    data, end, fewer = walked.data, 0, 0
    parts = [write_varuint(len(walked.sections))]
    for client, runs in walked.sections.items():
        count, begin, body = sum(run.pieces for run in runs), runs[0].start, list[bytes]()
        for group in _groups(data, client, runs):
            body += [data[begin : group.at], write_varuint(group.length)]
            begin, count, fewer = group.end, count - group.pieces + 1, fewer + 1
        end = runs[-1].end
        parts += [write_varuint(count), write_varuint(client), write_varuint(runs[0].clock), *body, data[begin:end]]
    return b"".join([*parts, data[end:]]) if fewer else data


def _groups(data: bytes, client: int, runs: Sequence[Struct]) -> Iterator[_Group]:
    """Of a client's structs, those of which there are several in a group."""
    own, right = write_varuint(client), b""
    at = end = length = pieces = 0
    for run in runs:
        position, clock = run.start, run.clock
        if not _MAY_BE_DELETED(data, position, run.end):
            position = run.end
            if pieces > 1:
                yield _Group(at, end, length, pieces)
            pieces = 0
        while position < run.end:
            found = _DELETED(data, position)
            if found is None:
                if pieces > 1:
                    yield _Group(at, end, length, pieces)
                pieces = 0
                struct = read_struct(data, position, client, clock)
                position, clock = struct.end, struct.after
                continue
            alone, alone_when, left, left_when, beside, written = found.groups()
            size = read_number(written)
            if pieces and beside == right and (left or alone) == own and read_number(left_when or alone_when) == clock - 1:
                length, pieces = length + size, pieces + 1
            else:
                if pieces > 1:
                    yield _Group(at, end, length, pieces)
                at, length, right, pieces = found.start(_LENGTH), size, beside, 1
            position = end = found.end()
            clock += size
    if pieces > 1:
        yield _Group(at, end, length, pieces)
