"""Surrogate pairs: where they are known to stand, and who would cut one."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Text

from fourhands.protocol.pairs import NOTHING, Found, Pairs
from fourhands.protocol.split import split
from fourhands.protocol.varint import write_bytes, write_varuint
from fourhands.protocol.walk import walk
from tests.protocol.updates import letters, section, update


def beside(*clocks: int, info: int, text: str = "x") -> bytes:
    """A text beside letters of client 1."""
    return bytes((info | 4,)) + b"".join(b"\x01" + write_varuint(clock) for clock in clocks) + write_bytes(text.encode())


def known(text: str = "a👩b") -> tuple[Pairs, dict[int, int]]:
    """What is known once client 1 wrote that."""
    pairs = Pairs()
    part = split(walk(update(section(1, 0, letters(text)))), {}, pairs)
    pairs.know(part.pairs, part.deletes)
    return pairs, dict(part.grown)


def test_nothing_is_kept_of_a_text_without_pairs() -> None:
    pairs, clocks = known("plain, ünïcode and 林")
    assert (pairs.halves, clocks) == ({}, {1: 20})
    assert split(walk(update(section(2, 0, beside(4, info=0x80)))), clocks, pairs).pairs is NOTHING


CUTS = {
    "right of a first half": beside(1, info=0x80),
    "left of a second half": beside(2, info=0x40),
    "between the two": beside(1, 2, info=0xC0),
    "left of a second half, far from its left": beside(0, 2, info=0xC0),
}
WHOLE = {
    "left of a pair": beside(1, info=0x40),
    "right of a pair": beside(2, info=0x80),
    "before a pair": beside(0, 1, info=0xC0),
    "behind a pair": beside(2, 3, info=0xC0),
    "at the end": beside(3, info=0x80),
    "around a pair": beside(0, 3, info=0xC0),
}


@pytest.mark.parametrize("name", CUTS)
def test_whoever_stands_inside_a_pair_cuts_it(name: str) -> None:
    pairs, clocks = known()
    assert split(walk(update(section(2, 0, CUTS[name]))), clocks, pairs).pairs.cuts
    assert split(walk(update(section(1, 0, letters("a👩b")), section(2, 0, CUTS[name]))), {}, Pairs()).pairs.cuts, "in one update, too"


@pytest.mark.parametrize("name", WHOLE)
def test_whoever_stands_beside_a_pair_does_not(name: str) -> None:
    pairs, clocks = known()
    assert not split(walk(update(section(2, 0, WHOLE[name]))), clocks, pairs).pairs.cuts


@pytest.mark.parametrize(("start", "length", "cuts"), [(0, 1, False), (0, 2, True), (1, 1, True), (1, 2, False), (2, 2, True), (3, 1, False), (0, 4, False)])
def test_deleting_half_a_pair_cuts_it(start: int, length: int, cuts: bool) -> None:
    pairs, clocks = known()
    part = split(walk(b"\x00\x01\x01\x01" + bytes((start, length))), clocks, pairs)
    assert part.pairs.cuts is cuts


def test_a_text_that_is_known_up_to_the_middle_of_a_pair_is_cut_there() -> None:
    again = walk(update(section(1, 0, letters("a👩b"))))
    assert [split(again, {1: clock}, Pairs()).pairs.cuts for clock in range(4)] == [False, False, True, False]
    assert [*split(again, {1: 1}, Pairs()).pairs.halves[1]] == [2]


def test_a_pair_that_is_deleted_is_forgotten() -> None:
    pairs, clocks = known("👩a👩")
    assert pairs.halves[1].tolist() == [1, 4]
    part = split(walk(b"\x00\x01\x01\x01\x00\x02"), clocks, pairs)
    pairs.know(part.pairs, part.deletes)
    assert pairs.halves[1].tolist() == [4]
    pairs.know(Found({}, cuts=False), {1: [(3, 5)]})
    assert pairs.halves == {}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_who_edits_whole_letters_never_cuts_and_all_pairs_are_known(seed: int) -> None:
    chance = random.Random(seed)
    doc: Doc[Text] = Doc(client_id=7)
    text = doc.get("t", type=Text)
    sent: list[bytes] = []
    doc.observe(lambda event: sent.append(event.update))
    pairs, clocks = Pairs(), dict[int, int]()
    for _ in range(30):
        places = [len(str(text)[:place].encode()) for place in range(len(str(text)) + 1)]  # pycrdt counts in bytes
        if len(places) > 1 and chance.random() < 0.3:
            at = chance.randrange(len(places) - 1)
            del text[places[at] : places[min(len(places) - 1, at + 2)]]
        else:
            text.insert(chance.choice(places), chance.choice(("x", "ü", "👩", "a👩‍💻b")))
        part = split(walk(sent[-1]), clocks, pairs)
        assert not part.pairs.cuts
        pairs.know(part.pairs, part.deletes)
        clocks |= part.grown
    found = Pairs()
    found.read(doc.get_update())
    assert found.halves == pairs.halves
    assert len(pairs.halves.get(7, ())) == sum(letter > "\uffff" for letter in str(text))
