"""Long texts of an update cut into several structs, as Yjs itself tells the rest of a text of which a part is known: so that nothing
of a large update has to be read, applied or passed on at once.

Called by `room.document`.

Source: yjs 13 `src/structs/Item.js` (`splitItem`, `write`).
"""

from collections.abc import Iterator, Sequence

from fourhands.protocol.content import utf16_units
from fourhands.protocol.pairs import each
from fourhands.protocol.steps import Steps
from fourhands.protocol.structs import LEFT, PARENT_SUB, RIGHT, Kind, Struct, read_needs
from fourhands.protocol.varint import read_bytes, write_varuint
from fourhands.protocol.walk import Walked

LONG_BYTES = 1 << 15
"""A text with more is cut."""


def shorten_in_steps(walked: Walked) -> Steps[bytes]:
    """The same update with no text in it longer than `LONG_BYTES`; its very bytes if there is none."""
    data, end = walked.data, 0
    parts = [write_varuint(len(walked.sections))]
    cut = False
    for client, structs in walked.sections.items():
        number, start = 0, structs[0].start
        body: list[bytes] = []
        for run in structs:
            number += run.pieces
            if run.end - run.start <= LONG_BYTES:
                continue
            yield
            for struct in each(data, run, client):
                if _may_be_long(data, struct) and len(pieces := [*_cut(data, struct, client)]) > 1:
                    body += [data[start : struct.start], *pieces]
                    number, start = number + len(pieces) - 1, struct.end
        end = structs[-1].end
        cut = cut or bool(body)
        parts += [write_varuint(number), write_varuint(client), write_varuint(structs[0].clock), *body, data[start:end]]
    return b"".join([*parts, data[end:]]) if cut else data


def _may_be_long(data: bytes, struct: Struct) -> bool:
    return struct.kind == Kind.STRING and struct.end - struct.start > LONG_BYTES and not data[struct.start] & PARENT_SUB


def _cut(data: bytes, struct: Struct, client: int) -> Iterator[bytes]:
    """A text as structs that stand behind each other; all of them before what the whole stands before."""
    info = data[struct.start]
    needs, _, position = read_needs(data, struct.start + 1, info)
    raw, _ = read_bytes(data, position)
    before = b"".join(map(write_varuint, needs[-1])) if info & RIGHT else b""
    head, clock = data[struct.start : position], struct.clock
    for text in _in_characters(raw):
        yield head + write_varuint(len(text)) + text
        clock += utf16_units(text)
        head = bytes([Kind.STRING | LEFT | info & RIGHT]) + write_varuint(client) + write_varuint(clock - 1) + before


def _in_characters(raw: bytes) -> Sequence[bytes]:
    """UTF-8 in parts of at most so many bytes, each of whole characters."""
    parts: list[bytes] = []
    start = 0
    while start < len(raw):
        end = start + LONG_BYTES
        while end < len(raw) and raw[end] & 0xC0 == 0x80:
            end -= 1
        parts.append(raw[start:end])
        start = end
    return parts
