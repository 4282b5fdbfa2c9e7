"""The edits that the load generator sends: two people who write code, made from a seed, the same on every machine.

`python -m bench.trace FOLDER` writes them; `compare.py` does so by itself. Two files:
`frames.bin`   one frame an edit: writer (1 byte, 0 and 1 in turn), the writer's Yjs clock after it (u32), length (u32), Yjs update
`bigdoc.bin`   one Yjs update with a long history, most of it deleted again: what somebody who joins late is sent
"""

import argparse
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bench.yjs_text import SharedText

SEED = 20_240
FRAMES = 120_000
HISTORY_BYTES = 1_400_000
WRITERS = (1001, 1002)
"""Yjs client ids; the load generator knows them."""

VERSION = 1
"""Goes up when the same seed gives other edits."""

CODE = """
and assert async await break case class const continue def elif else except export for from function if import in interface is lambda let match new not None
or pass raise readonly return self static switch throw True False try type undefined while with yield
total count index items rooms member update state buffer length offset parse render result width height key value name path open close read write send
"""
WORDS = CODE.split()
SIGNS = (" = ", "(", ")", ", ", ": ", ".", " + ", "[", "]", " == ", '"', " → ", "{", "}", ";", " # ", "é")
"""Characters stand for one UTF-16 unit each, which is what Yjs counts."""

TYPED_CHARACTERS = 34
"""Mean length of what somebody types before the cursor goes elsewhere."""


class Edit(NamedTuple):
    """What one frame carries. The load generator recognises a frame by what it inserts, so a deletion travels with the insertion after it."""

    jumps: bool
    erases: int
    text: str


class Frame(NamedTuple):
    writer: int
    end_clock: int
    update: bytes


@dataclass
class Typist:
    """Somebody at a keyboard: bursts of typing with typing errors, corrections, pastes, and a cursor that moves on.

    `coming` holds the edits that are already decided, the next one last.
    """

    dice: random.Random
    coming: list[Edit] = field(default_factory=list[Edit])
    indent: int = 0

    def next(self) -> Edit:
        if not self.coming:
            self.coming = list(self._burst())[::-1]
        return self.coming.pop()

    def _burst(self) -> Iterator[Edit]:
        dice = self.dice
        jumps = dice.random() < 0.7
        erases = self._erased() if jumps and dice.random() < 0.4 else 0
        if dice.random() < 0.03:
            yield Edit(jumps, erases, self._pasted())
            return
        for character in self._typed():
            if dice.random() < 0.012:  # a slip: one or a few wrong letters, taken back before the right one
                wrong = "".join(dice.choices("asdfjkl;ertuio", k=dice.choice((1, 1, 1, 2, 3))))
                for letter in wrong:
                    yield Edit(jumps, erases, letter)
                    jumps, erases = False, 0
                erases = len(wrong)
            yield Edit(jumps, erases, character)
            jumps, erases = False, 0

    def _typed(self) -> str:
        length = max(1, round(self.dice.expovariate(1 / TYPED_CHARACTERS)))
        text = ""
        while len(text) < length:
            text += self._token()
        return text[:length]

    def _token(self) -> str:
        dice = self.dice
        if dice.random() < 0.09:
            self.indent = min(5, max(0, self.indent + dice.choice((-1, 0, 0, 1))))
            return "\n" + "    " * self.indent
        if dice.random() < 0.6:
            return dice.choice(WORDS) + dice.choice((" ", " ", ""))
        return dice.choice(SIGNS)

    def _pasted(self) -> str:
        length = min(600, max(8, round(self.dice.lognormvariate(4.3, 0.9))))
        text = ""
        while len(text) < length:
            text += self._token()
        return text[:length]

    def _erased(self) -> int:
        return min(2000, max(1, round(self.dice.lognormvariate(1.4, 1.5))))


def make_frames(seed: int = SEED, count: int = FRAMES) -> Iterator[Frame]:
    """Edits of two writers who take turns, each at a cursor of its own; now and then one goes where the other writes."""
    dice = random.Random(seed)
    text = SharedText(cursors=len(WRITERS))
    typists = [Typist(random.Random(dice.random())) for _ in WRITERS]
    clocks = [0, 0]
    for turn in range(count):
        writer = turn & 1
        edit = typists[writer].next()
        if edit.jumps:
            _move(text, writer, dice)
        erased = text.erase_before(writer, edit.erases)
        written = text.insert(writer, WRITERS[writer], clocks[writer], edit.text)
        clocks[writer] += len(edit.text)
        yield Frame(writer, clocks[writer], written.update(erased))


def _move(text: SharedText, writer: int, dice: random.Random) -> None:
    if dice.random() < 0.15:
        text.move_to_cursor(writer, 1 - writer)
    elif dice.random() < 0.5:
        text.move_by(writer, dice.randint(-40, 40))
    else:
        text.move_to(writer, dice.random())


def make_big_document(seed: int = SEED, size_bytes: int = HISTORY_BYTES) -> bytes:
    """One update of at least `size_bytes`: thousands of edits of one writer, with three quarters of their text deleted again."""
    dice = random.Random(seed + 1)
    typist = Typist(random.Random(seed + 2))
    text = SharedText(cursors=1)
    client, clock, size = 77, 0, 0
    structs: list[bytes] = []
    while size < size_bytes:
        text.move_to(0, dice.random())
        if text.length > 240_000 or dice.random() < 0.18:
            text.erase_before(0, min(20_000, round(dice.lognormvariate(1.9, 2.2))))
        inserted = text.insert(0, client, clock, _history_text(dice, typist))
        clock += inserted.length
        structs.append(inserted.encoded)
        size += len(inserted.encoded)
    return text.whole_update(client, structs)


def _history_text(dice: random.Random, typist: Typist) -> str:
    length = min(20_000, max(1, round(dice.lognormvariate(1.7, 1.5))))
    text = ""
    while len(text) < length:
        text += typist.next().text
    return text[:length]


def write_trace(folder: Path, seed: int = SEED, count: int = FRAMES, history_bytes: int = HISTORY_BYTES) -> None:
    """Write both files into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "frames.bin").open("wb") as file:
        for frame in make_frames(seed, count):
            file.write(struct.pack("<BII", frame.writer, frame.end_clock, len(frame.update)) + frame.update)
    (folder / "bigdoc.bin").write_bytes(make_big_document(seed, history_bytes))


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the trace that the benchmark sends.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    write_trace(options.folder, options.seed)


if __name__ == "__main__":
    main()
