"""What the structs of a Yjs v1 update say, read without a document: for who looks for something that was written.

Called by `room.finding`. Texts come as JavaScript counts them, a letter for each clock.

Source: yjs 13 `src/structs/Content*.js`.
"""

from array import array
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from fourhands.protocol.content import ends_of_values, read_text
from fourhands.protocol.pairs import each
from fourhands.protocol.structs import Kind, Place, read_needs
from fourhands.protocol.update import DeleteSet
from fourhands.protocol.varint import read_bytes
from fourhands.protocol.walk import Walked

_SILENT = (Kind.COLLECTED, Kind.DELETED, Kind.SKIP)
_EMBED = 5
_UNSHOWN = (2, 3, int(Kind.VALUE), int(Kind.DOCUMENT))


class Text(NamedTuple):
    """A text that begins at that clock; `units`: of UTF-16, as letters."""

    client: int
    clock: int
    units: str
    place: Place | None


class Value(NamedTuple):
    """Anything else, of one clock; `held`: bytes that hold each string of it whole, in UTF-8."""

    client: int
    clock: int
    held: bytes
    place: Place | None


def said(walked: Walked) -> Iterator[Text | Value]:
    """What an update says, struct by struct; what holds nothing and stands under no name is left out."""
    data = walked.data
    for client, runs in walked.sections.items():
        for run in runs:
            if run.kind in _SILENT and run.pieces == 1 and run.place is None:
                continue
            for struct in each(data, run, client):
                content = read_needs(data, struct.start + 1, data[struct.start])[2] if struct.kind not in (Kind.COLLECTED, Kind.SKIP) else 0
                if struct.kind == Kind.STRING:
                    yield Text(client, struct.clock, utf16(read_text(data, content)[0]), struct.place)
                elif struct.kind == Kind.VALUE:
                    ends = ends_of_values(data, content)
                    for number, start in enumerate(ends[:-1]):
                        yield Value(client, struct.clock + number, data[start : ends[number + 1]], struct.place)
                elif struct.kind not in _SILENT:
                    yield Value(client, struct.clock, _held(data, content, struct.kind, struct.end), struct.place)
                elif struct.place is not None:
                    yield Value(client, struct.clock, b"", struct.place)


def unshown(walked: Walked) -> DeleteSet:
    """The clocks of values that stand beside something, which may be the letters of a text: a text counts them, and does not show them."""
    found: dict[int, list[tuple[int, int]]] = {}
    for client, runs in walked.sections.items():
        structs = (struct for run in runs if run.kind in _UNSHOWN for struct in each(walked.data, run, client))
        if spans := [(struct.clock, struct.after) for struct in structs if struct.kind in _UNSHOWN and not struct.inside and struct.place is None]:
            found[client] = spans
    return found


def utf16(text: str) -> str:
    """The text with a letter for each unit of UTF-16."""
    if text.isascii() or max(text) <= "\uffff":
        return text
    return "".join(map(chr, array("H", text.encode("utf-16-le"))))


def _held(data: bytes, start: int, kind: int, end: int) -> bytes:
    """What is JSON is unescaped: whoever looks for a string finds it."""
    if kind == _EMBED:
        return _strings(read_bytes(data, start)[0])
    if kind == Kind.FORMAT:
        key, start = read_bytes(data, start)
        return key + b"\0" + _strings(read_bytes(data, start)[0])
    return data[start:end]


def _strings(written: bytes) -> bytes:
    found: list[str] = []
    todo: list[object] = [msgspec.json.decode(written)]
    while todo:
        match todo.pop():
            case str() as text:
                found.append(text)
            case dict() as inner:  # pyright: ignore[reportUnknownVariableType]
                todo += [*inner.keys(), *inner.values()]  # pyright: ignore[reportUnknownArgumentType]
            case list() as inner:  # pyright: ignore[reportUnknownVariableType]
                todo += inner
            case value:
                found.append(str(value))
    return b"\0".join(text.encode(errors="replace") for text in found)
