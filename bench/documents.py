"""Documents of any size and histories of any length, as files of updates that the load generator brings into a room.

Of one client whom the trace does not know. The same from the same numbers, everywhere.
"""

import random
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.yjs_text import HAS_LEFT, HAS_RIGHT, STRING, TEXT_NAME, Erased, delete_set, varint

CLIENT = 77
VERSION = 1
"""Goes up when the same numbers give other updates."""

PASTED_CHARACTERS = 100
UPDATE_STRUCTS = 500
"""What is pasted is sent in updates of so many pieces, far below the limit of a message."""

BURST_CHARACTERS = 30
"""Mean length of what is typed at one place, and of what is erased at once, in a history."""

LETTERS = "abcdefghijklmnopqrstuvwxyz    ().=\n"


class Update(NamedTuple):
    end_clock: int
    encoded: bytes


def pasted_text(size_bytes: int, name: bytes = TEXT_NAME, seed: int = 1) -> Iterator[Update]:
    """A text of so many bytes: pieces of code, each pasted into the middle of an earlier one, so that none can be merged."""
    dice = random.Random(seed)
    whole = [0]  # the clocks at which pieces begin that nothing was pasted into yet
    structs = [_first(name, _letters(dice, min(size_bytes, PASTED_CHARACTERS)))]
    start, clock = 0, min(size_bytes, PASTED_CHARACTERS)
    while clock < size_bytes:
        into = dice.randrange(len(whole))
        whole[into], whole[-1] = whole[-1], whole[into]
        middle = whole.pop() + PASTED_CHARACTERS // 2
        length = min(PASTED_CHARACTERS, size_bytes - clock)
        structs.append(_struct(middle - 1, middle, _letters(dice, length)))
        whole.append(clock)
        clock += length
        if len(structs) == UPDATE_STRUCTS:
            yield Update(clock, _update(start, structs))
            start, structs = clock, []
    if structs:
        yield Update(clock, _update(start, structs))


def typed_history(edits: int, text_bytes: int, name: bytes = TEXT_NAME, seed: int = 1) -> Iterator[Update]:
    """So many keystrokes, in bursts at places all over a text; whatever passes `text_bytes` is erased again, somewhere else."""
    dice = random.Random(seed)
    shown: list[int] = []  # the clocks of the characters that are not erased, in order
    at = 0
    for clock in range(edits):
        if dice.random() < 1 / BURST_CHARACTERS:
            at = dice.randrange(len(shown) + 1)
        left = shown[at - 1] if at else None
        right = shown[at] if at < len(shown) else None
        letter = dice.choice(LETTERS)
        typed = _update(clock, [_struct(left, right, letter) if shown else _first(name, letter)], deletions=b"")
        shown.insert(at, clock)
        at += 1
        erased: list[int] = []
        if len(shown) > text_bytes:
            start = dice.randrange(len(shown) - BURST_CHARACTERS)
            erased = shown[start : start + BURST_CHARACTERS]
            del shown[start : start + BURST_CHARACTERS]
            at = start
        yield Update(clock + 1, typed + delete_set([Erased(CLIENT, clock, 1) for clock in erased]))


def write_updates(path: Path, updates: Iterable[Update]) -> None:
    """The load generator's format: writer (1 byte), its clock after it (u32), length (u32), the update."""
    with path.open("wb") as file:
        for update in updates:
            file.write(struct.pack("<BII", 0, update.end_clock, len(update.encoded)) + update.encoded)


def _letters(dice: random.Random, count: int) -> str:
    return "".join(dice.choices(LETTERS, k=count))


def _update(start: int, structs: list[bytes], deletions: bytes = b"\0") -> bytes:
    return b"\x01" + varint(len(structs)) + varint(CLIENT) + varint(start) + b"".join(structs) + deletions


def _first(name: bytes, text: str) -> bytes:
    """Text without neighbours names where it belongs: a top-level text."""
    return bytes([STRING]) + b"\x01" + varint(len(name)) + name + varint(len(text)) + text.encode()


def _struct(left: int | None, right: int | None, text: str) -> bytes:
    out = bytes([STRING | (0 if left is None else HAS_LEFT) | (0 if right is None else HAS_RIGHT)])
    for neighbour in (left, right):
        if neighbour is not None:
            out += varint(CLIENT) + varint(neighbour)
    return out + varint(len(text)) + text.encode()
