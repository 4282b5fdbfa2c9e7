"""The payload of a journal row of kind `edits`: one commit's updates of a room, with author and time each.

varUint format (1), varUint count of authors, each a varString (member id);
varUint count of edits, each: varUint index of author, varUint ms (the first: since the epoch, then: since the one
before, never negative), varUint8Array Yjs v1 update
"""

from collections.abc import Sequence
from typing import NamedTuple

from fourhands.errors import InvalidRequest
from fourhands.protocol.varint import read_bytes, read_string, read_varuint, write_bytes, write_varuint

FORMAT = 1


class Edit(NamedTuple):
    """An update as it came in. `author`: the member whose connection sent it."""

    author: str
    at_ms: int
    update: bytes


def encode(edits: Sequence[Edit]) -> bytes:
    """The row's payload."""
    authors = list(dict.fromkeys(edit.author for edit in edits))
    index = {author: number for number, author in enumerate(authors)}
    parts = [write_varuint(FORMAT), write_varuint(len(authors)), *(write_bytes(a.encode()) for a in authors), write_varuint(len(edits))]
    before = 0
    for author, at_ms, update in edits:
        parts += [write_varuint(index[author]), write_varuint(max(0, at_ms - before)), write_bytes(update)]
        before = max(before, at_ms)
    return b"".join(parts)


def decode(payload: bytes) -> Sequence[Edit]:
    """The edits of a row. Raises `InvalidRequest` if it is no such payload."""
    kind, position = read_varuint(payload, 0)
    if kind != FORMAT:
        raise InvalidRequest(f"There is no format {kind} of edits.")
    count, position = read_varuint(payload, position)
    authors: list[str] = []
    for _ in range(count):
        author, position = read_string(payload, position)
        authors.append(author)
    count, position = read_varuint(payload, position)
    edits: list[Edit] = []
    at_ms = 0
    for _ in range(count):
        index, position = read_varuint(payload, position)
        passed, position = read_varuint(payload, position)
        update, position = read_bytes(payload, position)
        if index >= len(authors):
            raise InvalidRequest("An edit names an author who is not there.")
        at_ms += passed
        edits.append(Edit(authors[index], at_ms, update))
    if position != len(payload):
        raise InvalidRequest("These edits have bytes left over.")
    return edits
