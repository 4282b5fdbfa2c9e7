"""A shared text as Yjs keeps it, with just enough of Yjs' update format (v1) to write edits down; `trace.py` types into it.

Every piece of text ever written stays in its place, deleted or not: an insertion names its neighbours, deleted ones included.
Whoever writes has seen everything that was written before, so pieces never have to be ordered by client.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

TEXT_NAME = b"codemirror"
HAS_LEFT, HAS_RIGHT, STRING = 0x80, 0x40, 4


class Erased(NamedTuple):
    """A range of a client's clock that is deleted."""

    client: int
    clock: int
    length: int


@dataclass(slots=True)
class Piece:
    """Text written at once by one client and not cut since. Its characters have the clocks `clock`, `clock + 1`, ..."""

    client: int
    clock: int
    text: str
    erased: bool = False

    @property
    def last(self) -> tuple[int, int]:
        return self.client, self.clock + len(self.text) - 1


class Inserted(NamedTuple):
    """An insertion, encoded as a struct of an update."""

    client: int
    clock: int
    length: int
    encoded: bytes

    def update(self, erased: list[Erased]) -> bytes:
        """The whole update: this struct alone, and what is deleted with it."""
        return b"\x01\x01" + varint(self.client) + varint(self.clock) + self.encoded + delete_set(erased)


@dataclass
class SharedText:
    """The pieces in order, and a cursor for each person who writes.

    Invariant: a cursor is an index into `pieces` and stands before that piece; `length` counts the characters that show.
    Text must be of the Basic Multilingual Plane, where a character is one UTF-16 unit.
    """

    cursors: int
    pieces: list[Piece] = field(default_factory=list[Piece])
    at: list[int] = field(init=False)
    length: int = 0

    def __post_init__(self) -> None:
        self.at = [0] * self.cursors

    def __str__(self) -> str:
        return "".join(piece.text for piece in self.pieces if not piece.erased)

    # ---- cursors ---------------------------------------------------------------------------------------------------

    def move_to(self, person: int, fraction: float) -> None:
        """Go to a place between start (0) and end (1), into the middle of a piece if it is a long one."""
        index = int(fraction * (len(self.pieces) + 1))
        if index < len(self.pieces) and len(self.pieces[index].text) > 1 and not self.pieces[index].erased:
            self._cut(index, max(1, int(fraction * 1e6) % len(self.pieces[index].text)))
            index += 1
        self.at[person] = index

    def move_by(self, person: int, pieces: int) -> None:
        self.at[person] = min(len(self.pieces), max(0, self.at[person] + pieces))

    def move_to_cursor(self, person: int, other: int) -> None:
        self.at[person] = self.at[other]

    # ---- edits -----------------------------------------------------------------------------------------------------

    def insert(self, person: int, client: int, clock: int, text: str) -> Inserted:
        """Write at the person's cursor, which then stands behind the text."""
        index = self.at[person]
        left = self.pieces[index - 1].last if index else None
        right = (self.pieces[index].client, self.pieces[index].clock) if index < len(self.pieces) else None
        self._put(index, Piece(client, clock, text))
        self.at[person] = index + 1
        self.length += len(text)
        return Inserted(client, clock, len(text), _struct(left, right, text))

    def erase_before(self, person: int, count: int) -> list[Erased]:
        """Delete up to `count` characters before the person's cursor."""
        erased: list[Erased] = []
        index = self.at[person]
        while count > 0 and index > 0:
            piece = self.pieces[index - 1]
            if not piece.erased and len(piece.text) > count:
                self._cut(index - 1, len(piece.text) - count)
                index += 1
                piece = self.pieces[index - 1]
            if not piece.erased:
                piece.erased = True
                count -= len(piece.text)
                self.length -= len(piece.text)
                erased.append(Erased(piece.client, piece.clock, len(piece.text)))
            index -= 1
        return erased

    def whole_update(self, client: int, structs: list[bytes]) -> bytes:
        """Everything that one client wrote, in the order of its clock, with everything that was deleted."""
        gone = [Erased(piece.client, piece.clock, len(piece.text)) for piece in self.pieces if piece.erased]
        return b"\x01" + varint(len(structs)) + varint(client) + varint(0) + b"".join(structs) + delete_set(gone)

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _put(self, index: int, piece: Piece) -> None:
        self.pieces.insert(index, piece)
        self.at = [at + 1 if at > index else at for at in self.at]

    def _cut(self, index: int, characters: int) -> None:
        """Cut a piece in two, the first of so many characters."""
        piece = self.pieces[index]
        self._put(index + 1, Piece(piece.client, piece.clock + characters, piece.text[characters:], piece.erased))
        piece.text = piece.text[:characters]


def varint(value: int) -> bytes:
    """lib0's variable-length unsigned integer."""
    out = bytearray()
    while value > 127:
        out.append(128 | (value & 127))
        value >>= 7
    out.append(value)
    return bytes(out)


def clocks_of(state: bytes) -> dict[int, int]:
    """Each client's clock in a state vector."""
    numbers: list[int] = []
    value = shift = 0
    for byte in state:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value = shift = 0
    return dict(zip(numbers[1::2], numbers[2::2], strict=True))


def delete_set(erased: list[Erased]) -> bytes:
    """Deleted ranges by client, sorted, neighbours joined."""
    clients: dict[int, list[tuple[int, int]]] = {}
    for client, clock, length in sorted(erased):
        ranges = clients.setdefault(client, [])
        if ranges and sum(ranges[-1]) == clock:
            ranges[-1] = (ranges[-1][0], ranges[-1][1] + length)
        else:
            ranges.append((clock, length))
    out = varint(len(clients))
    for client, ranges in clients.items():
        out += varint(client) + varint(len(ranges)) + b"".join(varint(clock) + varint(length) for clock, length in ranges)
    return out


def _struct(left: tuple[int, int] | None, right: tuple[int, int] | None, text: str) -> bytes:
    out = bytes([STRING | (HAS_LEFT if left else 0) | (HAS_RIGHT if right else 0)])
    for neighbour in (left, right):
        if neighbour:
            out += varint(neighbour[0]) + varint(neighbour[1])
    if not left and not right:  # the first text names where it belongs: a top-level text
        out += b"\x01" + varint(len(TEXT_NAME)) + TEXT_NAME
    content = text.encode()
    return out + varint(len(content)) + content
