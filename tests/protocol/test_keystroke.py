"""Keystrokes told from their bytes: what is taken is what a whole walk takes whole, and clocks count the same."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Text

from fourhands.errors import InvalidRequest
from fourhands.protocol.keystroke import NOBODY, Keystrokes
from fourhands.protocol.pairs import Found, Pairs
from fourhands.protocol.split import split
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import LAST_CLOCK
from fourhands.protocol.varint import write_bytes, write_varuint
from fourhands.protocol.walk import walk


class Writer:
    """Somebody who types; `sent` are the updates."""

    def __init__(self, client: int, start: str = "(start)") -> None:
        self.doc: Doc[Any] = Doc(client_id=client)
        self.text = self.doc.get("t", type=Text)
        self.sent: list[bytes] = []
        self._noting = self.doc.observe(lambda event: self.sent.append(event.update))
        self.text.insert(0, start)
        self.first = self.sent.pop()

    def taken(self) -> list[int | None]:
        """What is said of each update, and that it is right."""
        return [take_as_walked(keystrokes, clocks, update) for keystrokes, clocks in [self.keystrokes()] for update in self.sent]

    def keystrokes(self) -> tuple[Keystrokes, dict[int, int]]:
        clocks = dict(split(walk(self.first), {}).grown)
        return Keystrokes(clocks, Pairs()), clocks


def take_as_walked(keystrokes: Keystrokes, clocks: dict[int, int], update: bytes) -> int | None:
    """Take it; if it is taken, a walk takes it whole and counts the same. If not, the clocks stay."""
    before = dict(clocks)
    writer = keystrokes.take(update)
    if writer is None:
        assert clocks == before
        return None
    part = split(walk(update), before)
    assert (part.ready, part.rest, part.types, part.parents, part.places, part.values) == (update, EMPTY_UPDATE, {}, set(), set(), False)
    assert clocks == before | dict(part.grown)
    assert list(part.grown) == ([] if writer == NOBODY else [writer])
    return writer


@pytest.mark.parametrize("client", [1, 1001, 3_000_000_001, 2**53 - 1])
@pytest.mark.parametrize("letters", ["x" * 300, "naïve 林檎 \u200d ", ["ab", "  ", "é" * 9, "y" * 127]])
@pytest.mark.parametrize("place", ["end", "inside", "start"])
def test_who_types_on_is_taken(client: int, letters: str, place: str) -> None:
    writer = Writer(client)
    at = {"end": 7, "inside": 6, "start": 0}[place]
    for letter in letters:
        writer.text.insert(at, letter)
        at += len(letter.encode())  # pycrdt counts in bytes
    assert writer.taken() == [client] * len(letters)


def test_where_a_pair_comes_in_or_might_be_cut_nothing_is_taken() -> None:
    pairs = Pairs()
    keystrokes = Keystrokes(clocks := {1: 9}, pairs)
    assert take_as_walked(keystrokes, clocks, keystroke(1, 9, "👩".encode(), origin=(1, 8))) is None
    assert take_as_walked(keystrokes, clocks, keystroke(1, 9, b"x", origin=(1, 5))) == 1
    pairs.know(Found({1: [6]}, cuts=False), {})  # a pair at the clocks 5 and 6
    for beside, taken in ((3, True), (4, True), (5, False), (6, False), (7, True)):
        assert (take_as_walked(keystrokes, clocks, keystroke(1, clocks[1], b"x", origin=(1, beside))) is not None) is taken
    for (start, length), taken in {(4, 1): True, (4, 2): False, (5, 2): False, (6, 1): False, (7, 1): True}.items():
        deletes = b"\x01\x01\x01" + bytes((start, length))
        assert (take_as_walked(keystrokes, clocks, b"\x00" + deletes) is not None) is taken


def test_a_backspace_is_taken_and_so_is_what_is_typed_after_it() -> None:
    writer = Writer(3_000_000_001)
    for _ in range(3):
        writer.text.insert(3, "ab")
        del writer.text[4:5]
        writer.text.insert(4, "c")
        del writer.text[0:4]
        writer.text.insert(0, "next")
    assert writer.taken() == [3_000_000_001, NOBODY, 3_000_000_001, NOBODY, 3_000_000_001] * 3


def test_writing_over_a_selection_is_taken() -> None:
    writer = Writer(3_000_000_001)
    for _ in range(3):
        with writer.doc.transaction():
            del writer.text[1:4]
            writer.text.insert(1, "new")
    assert writer.taken() == [3_000_000_001] * 3


def test_deleting_what_several_wrote_is_taken() -> None:
    keystrokes = Keystrokes(clocks := {1: 9, 70_000: 5, 3: 2}, Pairs())
    deletes = b"\x03" + b"\x01\x02\x00\x02\x08\x01" + b"\xf0\xa2\x04\x01\x04\x01" + b"\x03\x01\x00\x02"
    assert take_as_walked(keystrokes, clocks, b"\x00" + deletes) == NOBODY
    assert take_as_walked(keystrokes, clocks, keystroke(1, 9, b"x", origin=(70_000, 4), deletes=deletes)) == 1


def test_several_who_type_at_once_are_taken() -> None:
    writers = [Writer(1_000_000 + number) for number in range(5)]
    clocks = {client: clock for writer in writers for client, clock in split(walk(writer.first), {}).grown.items()}
    keystrokes = Keystrokes(clocks, Pairs())
    for number in range(200):
        for writer in writers:
            writer.text.insert(1 + number, "x")
            assert take_as_walked(keystrokes, clocks, writer.sent[-1]) == writer.doc.client_id


def test_what_came_already_or_comes_too_early_is_not_taken() -> None:
    writer = Writer(3_000_000_001)
    for number in range(4):
        writer.text.insert(1 + number, "x")
    keystrokes, clocks = writer.keystrokes()
    first, second, third, fourth = writer.sent
    for update, taken in ((second, False), (first, True), (first, False), (third, False), (second, True), (first, False), (second, False), (third, True)):
        assert (take_as_walked(keystrokes, clocks, update) is not None) is taken
    clocks[3_000_000_001] += 1  # the clock moved by another way
    assert take_as_walked(keystrokes, clocks, fourth) is None


def keystroke(client: int, clock: int, text: bytes, *, origin: tuple[int, int], deletes: bytes = b"\x00") -> bytes:
    start = b"\x01\x01" + write_varuint(client) + write_varuint(clock) + b"\x84"
    return start + write_varuint(origin[0]) + write_varuint(origin[1]) + write_bytes(text) + deletes


def test_a_keystroke_up_to_the_last_clock_is_one_and_no_further() -> None:
    for text, taken in ((b"ab", True), (b"abc", False)):
        clocks = {1: LAST_CLOCK - 2}
        assert (Keystrokes(clocks, Pairs()).take(keystroke(1, LAST_CLOCK - 2, text, origin=(1, 0))) is not None) is taken
    clocks = {1: LAST_CLOCK - 2}
    keystrokes = Keystrokes(clocks, Pairs())
    taken = [keystrokes.take(keystroke(1, LAST_CLOCK - 2 + number, b"x", origin=(1, LAST_CLOCK - 3 + number))) for number in range(3)]
    assert (taken, clocks) == ([1, 1, None], {1: LAST_CLOCK})


ODD = {
    "nothing": b"",
    "cut short": keystroke(1, 9, b"abc", origin=(1, 8))[:-3],
    "bytes left over": keystroke(1, 9, b"abc", origin=(1, 8)) + b"\x00",
    "no letters": keystroke(1, 9, b"", origin=(1, 8)),
    "not UTF-8": keystroke(1, 9, b"\xff", origin=(1, 8)),
    "half a surrogate pair": keystroke(1, 9, "\ud83d".encode("utf-8", "surrogatepass"), origin=(1, 8)),
    "beside what is not there": keystroke(1, 9, b"x", origin=(2, 0)),
    "beside itself": keystroke(1, 9, b"x", origin=(1, 9)),
    "a client that is new": keystroke(2, 0, b"x", origin=(1, 8)),
    "a number written long": keystroke(1, 9, b"x", origin=(1, 8)).replace(b"\x01\x08", b"\x81\x00\x08"),
    "a number without an end": b"\x01\x01" + b"\xff" * 30,
    "deletes what is not there": keystroke(1, 9, b"x", origin=(1, 8), deletes=b"\x01\x01\x01\x0a\x01"),
    "deletes nothing": keystroke(1, 9, b"x", origin=(1, 8), deletes=b"\x01\x01\x01\x03\x00"),
    "deletes of an unknown client": b"\x00\x01\x05\x01\x00\x01",
    "deletes too much": b"\x00\x01\x01\x01\x08\x02",
    "deletes many ranges": b"\x00\x01\x01\x11" + b"\x00\x01" * 17,
    "deletes with bytes left over": b"\x00\x01\x01\x01\x00\x01\x00",
    "the same neighbour on both sides": b"\x01\x01\x01\x09\xc4\x01\x08\x01\x08\x01x\x00",
    "a long text": keystroke(1, 9, b"x" * 128, origin=(1, 8)),
    "deletes of many clients": b"\x00\x09" + b"\x01\x01\x00\x01" * 9,
    "an empty update": EMPTY_UPDATE,
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_left_to_the_walk(name: str) -> None:
    assert take_as_walked(Keystrokes(clocks := {1: 9}, Pairs()), clocks, ODD[name]) is None


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_whatever_happens_to_keystrokes_what_is_taken_is_what_a_walk_takes_whole(seed: int) -> None:
    """Real typing of two people, some of it damaged, doubled, left out or in disorder."""
    chance = random.Random(seed)
    writers = [Writer(chance.choice((7, 1001, 2**31 + 5)), "ü(start)"), Writer(3_000_000_001)]
    for writer in writers:
        for _ in range(30):
            places = [len(str(writer.text)[:place].encode()) for place in range(len(str(writer.text)) + 1)]  # pycrdt counts in bytes
            if len(places) > 1 and chance.random() < 0.3:
                at = chance.randrange(len(places) - 1)
                del writer.text[places[at] : places[min(len(places) - 1, at + 2)]]
            else:
                at = places[-1] if chance.random() < 0.6 else chance.choice(places)
                writer.text.insert(at, chance.choice(("x", "yy", "ü", "林", "👩")))
    clocks = {client: clock for writer in writers for client, clock in split(walk(writer.first), {}).grown.items()}
    keystrokes = Keystrokes(clocks, Pairs())
    for mine, theirs in zip(writers[0].sent, writers[1].sent, strict=True):
        for update in (mine, theirs):
            for _ in range(chance.choice((0, 1, 1, 1, 1, 2))):
                take_as_walked(keystrokes, clocks, damaged(update, chance) if chance.random() < 0.3 else update)


def damaged(update: bytes, chance: random.Random) -> bytes:
    changed = bytearray(update)
    at = chance.randrange(len(changed))
    match chance.randrange(4):
        case 0:
            changed[at] = chance.randrange(256)
        case 1:
            changed[at] ^= 1 << chance.randrange(8)
        case 2:
            changed.insert(at, chance.randrange(256))
        case _:
            del changed[at]
    return bytes(changed)


@given(st.binary(max_size=40))
def test_any_bytes_are_taken_or_left(data: bytes) -> None:
    for update in (data, b"\x01\x01\x07" + data, b"\x00\x01\x07" + data):
        keystrokes = Keystrokes(clocks := {7: 3, 0: 2}, Pairs())
        try:
            take_as_walked(keystrokes, clocks, update)
        except InvalidRequest:
            pytest.fail("what is taken is an update")
