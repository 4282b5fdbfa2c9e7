"""A block: neighbouring edits of a room as one compressed piece, each with its author, time and exact bytes.

byte form (1: zlib, 2: lzma), compressed msgpack array [first ms, [author, ...], index of author per edit, ms since the
edit before per edit (never mind which way the clock went), length of update per edit, all updates]

zlib costs 1 us an edit, and leaves 7 to 9 bytes of it; lzma 9 us, and leaves 4 to 6: the former while people type, the
latter once they have gone.
"""

import lzma
import zlib
from collections.abc import Sequence
from itertools import accumulate, pairwise

import msgspec

from fourhands.errors import InvalidRequest
from fourhands.model.entry import Entry, EntryKind, StoredEntry

ZLIB, LZMA = b"\x01", b"\x02"
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 1 << 20, "pb": 0}]


class _Columns(msgspec.Struct, array_like=True):
    first_ms: int
    authors: list[str]
    indices: list[int]
    passed: list[int]
    lengths: list[int]
    updates: bytes


_DECODER = msgspec.msgpack.Decoder(_Columns)


def pack(edits: Sequence[Entry], *, small: bool = False) -> bytes:
    """The block that holds these edits, of which there is at least one. `small`: whatever it costs."""
    authors = {author: number for number, author in enumerate(dict.fromkeys([edit.member for edit in edits]))}
    times = [edit.at_ms for edit in edits]
    columns = _Columns(
        times[0],
        list(authors),
        [authors[edit.member] for edit in edits],
        [0, *(after - before for before, after in pairwise(times))],
        [len(edit.payload) for edit in edits],
        b"".join([edit.payload for edit in edits]),
    )
    packed = msgspec.msgpack.encode(columns)
    return LZMA + lzma.compress(packed, check=lzma.CHECK_CRC32, filters=_FILTERS) if small else ZLIB + zlib.compress(packed)


def updates_of(block: bytes) -> Sequence[bytes]:
    """The updates of a block alone: all that a document needs of it. Raises `InvalidRequest` if it is no block."""
    columns, ends = _columns(block)
    data, start = columns.updates, 0
    found: list[bytes] = []
    for end in ends:  # what is read to open a room or to go back in it: nothing else is made of an edit
        found.append(data[start:end])
        start = end
    return found


def times_of(block: bytes) -> Sequence[int]:
    """When the edits of a block were made, in milliseconds. Raises `InvalidRequest` if it is no block."""
    columns, _ = _columns(block)
    return list(accumulate(columns.passed, initial=columns.first_ms))[1:]


def unpack(block: bytes, first: int) -> Sequence[StoredEntry]:
    """The edits of a block whose first one stands at position `first`. Raises `InvalidRequest` if it is no block."""
    columns, ends = _columns(block)
    try:
        authors = [columns.authors[index] for index in columns.indices]
    except IndexError as error:
        raise InvalidRequest("This block of edits is damaged.") from error
    times = accumulate(columns.passed, initial=columns.first_ms)
    next(times)
    updates = (columns.updates[start:end] for start, end in pairwise((0, *ends)))
    return [
        StoredEntry(EntryKind.EDIT, update, at_ms, author, position=position)
        for position, (update, at_ms, author) in enumerate(zip(updates, times, authors, strict=True), first)
    ]


def _columns(block: bytes) -> tuple[_Columns, Sequence[int]]:
    """What a block holds, and where each update ends."""
    try:
        columns = _DECODER.decode(_decompressed(block))
    except (zlib.error, lzma.LZMAError, msgspec.MsgspecError) as error:
        raise InvalidRequest("This block of edits is damaged.") from error
    ends = list(accumulate(columns.lengths))
    if not len(columns.indices) == len(columns.passed) == len(ends) or not ends or ends[-1] != len(columns.updates):
        raise InvalidRequest("This block of edits is damaged.")
    return columns, ends


def _decompressed(block: bytes) -> bytes:
    match block[:1]:
        case b"\x01":
            return zlib.decompress(block[1:])
        case b"\x02":
            return lzma.decompress(block[1:], lzma.FORMAT_XZ)
        case _:
            raise InvalidRequest("This is no block of edits.")
