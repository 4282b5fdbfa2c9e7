"""One struct of a Yjs v1 update, or a run of them that build on nothing but each other, read without a document.

Called by `walk.py`. A struct is an item (beside others, or inside a type), or stands for what was collected or left out.

Source: yjs 13 `src/structs/*.js`, `src/utils/encoding.js`.
"""

import re
from enum import IntEnum
from typing import NamedTuple

from fourhands.errors import InvalidRequest
from fourhands.protocol.content import read_byte, read_content, read_text, utf16_units
from fourhands.protocol.steps import EVERY_BYTES
from fourhands.protocol.update import LAST_CLOCK
from fourhands.protocol.varint import NUMBER, read_number, read_varuint

Clock = tuple[int, int]
"""A Yjs client id and one of its clocks."""

Place = tuple[str, str]
"""The name of a top-level type, and a key in it (empty if there is none)."""


class Kind(IntEnum):
    """What a struct holds: the numbers of Yjs."""

    COLLECTED = 0
    DELETED = 1
    STRING = 4
    FORMAT = 6
    TYPE = 7
    VALUE = 8
    DOCUMENT = 9
    SKIP = 10


LEFT, RIGHT, PARENT_SUB = 0x80, 0x40, 0x20
"""Of a struct's first byte: it says who is on its left, on its right, and under which key it stands."""

_COLLECTED, _STRING, _VALUE = int(Kind.COLLECTED), int(Kind.STRING), int(Kind.VALUE)
_TEXT = (Kind.DELETED, Kind.STRING, Kind.FORMAT)  # the others may be values of maps
_LONGEST_RUN = 64
_BETWEEN_ONE = "A struct in this update has the same neighbour on both sides."  # yrs leaves it out

_NEIGHBOUR = NUMBER + NUMBER
_ITEM = re.compile(  # beside one or two others; types and documents are read alone
    rb"(?:[\x41-\x46\x48\x61-\x66\x68\x81-\x86\x88\xa1-\xa6\xa8]" + _NEIGHBOUR + rb"|[\xc1-\xc6\xc8\xe1-\xe6\xe8]" + _NEIGHBOUR + _NEIGHBOUR + rb")"
).match


class Struct(NamedTuple):
    """One struct, or a run of `pieces` of them: the bytes [start, end) of the update, its clocks [clock, after), and what
    must be there before it. A run leaves out of that what its own client wrote before.

    `kind`: of a run VALUE if there is anything but text in it, else STRING. `inside`: what it needs is a type that it
    stands in, by itself; otherwise it needs its neighbours. `place`: the top-level type that it names.
    """

    start: int
    end: int
    clock: int
    after: int
    needs: tuple[Clock, ...]
    kind: int
    inside: bool = False
    place: Place | None = None
    pieces: int = 1

    @property
    def skips(self) -> bool:
        return self.kind == Kind.SKIP


class Reader:
    """Reads the structs of one update, which knows its clients by how they are written."""

    __slots__ = ("_clients", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._clients: dict[bytes, int] = {}

    def run(self, start: int, client: int, clock: int, most: int) -> Struct:
        """The structs that start there, up to `most`, as one, while they stand beside what is older of their client, or
        beside the same others. What is no such run is read alone. Raises `InvalidRequest`."""
        data, first, position, pieces, kind = self._data, clock, start, 0, _STRING
        needs: tuple[Clock, ...] = ()
        most = min(most, _LONGEST_RUN)
        while pieces < most and position - start < EVERY_BYTES:
            if not (info := data[position] if position < len(data) else -1):  # collected
                length, end = read_varuint(data, position + 1)
            elif found := _ITEM(data, position):
                if wanted := self._others(found, client, clock):
                    if pieces and not set(wanted) <= set(needs):
                        break
                    needs = needs or wanted
                length, end = _read_length(data, found.end(), info & 31)
                if info & 31 not in _TEXT:
                    kind = _VALUE
            else:
                break
            _require_length(length, clock)
            position, clock, pieces = end, clock + length, pieces + 1
        if not pieces:
            return read_struct(data, start, client, clock)
        return Struct(start, position, first, clock, needs, kind, pieces=pieces)

    def _others(self, found: re.Match[bytes], client: int, clock: int) -> tuple[Clock, ...]:
        """The neighbours that other clients wrote."""
        one, one_clock, left, left_clock, right, right_clock = found.groups()
        if left is not None and left == right and left_clock == right_clock:
            raise InvalidRequest(_BETWEEN_ONE)
        others: tuple[Clock, ...] = ()
        for written, when_written in ((one, one_clock),) if left is None else ((left, left_clock), (right, right_clock)):
            who = self._clients.get(written)
            if who is None:
                who = self._clients[written] = read_number(written)
            when = read_number(when_written)
            if who != client:
                others = (*others, (who, when))
            elif when >= clock:
                raise InvalidRequest("A struct in this update builds on itself.")
        return others


def read_struct(data: bytes, start: int, client: int, clock: int) -> Struct:
    """The struct that starts there. Raises `InvalidRequest`."""
    info, position = read_byte(data, start)
    kind = info & 31
    needs: tuple[Clock, ...] = ()
    place: Place | None = None
    if kind in (Kind.COLLECTED, Kind.SKIP):
        if info != kind:
            raise InvalidRequest("This update holds a struct of no known kind.")
        length, position = read_varuint(data, position)
    else:
        needs, place, position = read_needs(data, position, info)
        length, position = read_content(data, position, kind)
        for who, when in needs:
            if who == client and when >= clock:
                raise InvalidRequest("A struct in this update builds on itself.")
    _require_length(length, clock)
    inside = bool(needs) and not info & (LEFT | RIGHT)
    return Struct(start, position, clock, clock + length, needs, kind, inside, place)


def struct_at(data: bytes, run: Struct, client: int, clock: int) -> Struct:
    """The one struct in a run that holds that clock."""
    if run.pieces == 1 and run.kind not in (_STRING, _VALUE):
        return run
    struct = read_struct(data, run.start, client, run.clock)
    while struct.after <= clock:
        struct = read_struct(data, struct.end, client, struct.after)
    return struct


def _read_length(data: bytes, position: int, kind: int) -> tuple[int, int]:
    """`read_content`, and at once for a short text of ASCII."""
    if kind == _STRING:
        size = data[position] if position < len(data) else 0
        end = position + 1 + size
        if 0 < size < 128 and end <= len(data):
            text = data[position + 1 : end]
            return (size if text.isascii() else utf16_units(text)), end
    return read_content(data, position, kind)


def _require_length(length: int, clock: int) -> None:
    if not 0 < length <= LAST_CLOCK - clock:
        raise InvalidRequest("A struct in this update has no possible length.")


def read_needs(data: bytes, position: int, info: int) -> tuple[tuple[Clock, ...], Place | None, int]:
    """What an item stands beside, or else inside: a clock, or a top-level type."""
    needs: tuple[Clock, ...] = ()
    if info & LEFT:
        origin, position = _read_clock(data, position)
        needs = (origin,)
    if info & RIGHT:
        origin, position = _read_clock(data, position)
        if origin in needs:
            raise InvalidRequest(_BETWEEN_ONE)
        needs = (*needs, origin)
    if needs:
        return needs, None, position
    name: str | None = None
    key = ""
    named, position = read_varuint(data, position)
    if named == 1:
        name, position = read_text(data, position)
    elif named == 0:
        parent, position = _read_clock(data, position)
        needs = (parent,)
    else:
        raise InvalidRequest("A struct in this update has no possible parent.")
    if info & PARENT_SUB:
        key, position = read_text(data, position)
    return needs, None if name is None else (name, key), position


def _read_clock(data: bytes, position: int) -> tuple[Clock, int]:
    client, position = read_varuint(data, position)
    clock, position = read_varuint(data, position)
    return (client, clock), position
