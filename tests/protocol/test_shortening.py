"""Long texts cut into several structs: everybody reads the same, and nothing is long any more."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Map

from fourhands.protocol import shortening
from fourhands.protocol.shortening import LONG_BYTES, shorten_in_steps
from fourhands.protocol.steps import finish
from fourhands.protocol.varint import write_bytes
from fourhands.protocol.walk import walk
from tests.protocol.updates import letters, one_of_everything, section, text_of, update, writer

LETTERS = ["a", "é", "林", "👩", "\U0001f680"]


def shortened(data: bytes) -> bytes:
    return finish(shorten_in_steps(walk(data)))


def read(*updates: bytes) -> tuple[str, bytes]:
    """The text that they make, and its clocks."""
    doc: Doc[Any] = Doc()
    for one in updates:
        doc.apply_update(one)
    return str(text_of(doc)), doc.get_state()


def longest(data: bytes) -> int:
    return max(run.end - run.start for runs in walk(data).sections.values() for run in runs)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_whatever_stands_beside_them_the_text_and_its_clocks_are_the_same(seed: int) -> None:
    """Also for somebody to whom other parts come first, and who knows a part of it."""
    chance = random.Random(seed)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shortening, "LONG_BYTES", chance.randrange(4, 12))
        one, one_sent = writer(1)
        two, two_sent = writer(2)
        for _ in range(8):
            doc = chance.choice([one, two])
            text = text_of(doc)
            what = "".join(chance.choices(LETTERS, k=chance.randrange(1, 30)))
            text.insert(chance.choice([0, len(text), len(str(text)[: chance.randrange(6)].encode())]), what)
            if chance.random() < 0.3:
                del text[0 : len(str(text)[:2].encode())]
            if chance.random() < 0.3:
                one.apply_update(two.get_update(one.get_state()))
                two.apply_update(one.get_update(two.get_state()))
        sent = [*one_sent, *two_sent]
        truth = read(one.get_update(), two.get_update())
        assert read(*map(shortened, (one.get_update(), two.get_update()))) == truth
        assert read(*map(shortened, sent)) == truth
        known = sent[: chance.randrange(len(sent))]
        assert read(*known, *map(shortened, (two.get_update(), one.get_update()))) == truth


def test_nothing_is_long_any_more_and_no_character_is_cut() -> None:
    what = "x" + "👩é" * LONG_BYTES
    whole = update(
        section(7, 0, letters("ab"), letters(what, origin=(7, 0)), letters("c", origin=(7, 1))),
        section(8, 0, letters("y" * 5)),
        deletes=b"\x01\x07\x01\x00\x01",
    )
    short = shortened(whole)
    assert longest(whole) > 6 * LONG_BYTES
    assert longest(short) < LONG_BYTES + 100
    assert read(short) == read(whole)
    assert walk(short).deletes == walk(whole).deletes
    assert shortened(short) is short


@pytest.mark.parametrize("over", [0, 1])
def test_what_is_just_not_long_stays_as_it_came(over: int) -> None:
    whole = update(section(7, 0, letters("x" * (LONG_BYTES + over))))
    assert (shortened(whole) is whole) is (not over)
    doc, sent = writer(5)
    one_of_everything(doc)
    assert all(shortened(one) is one for one in sent)


def test_a_value_of_a_map_is_left_whole() -> None:
    """It is no text: what stands beside it under its key would take its place."""
    whole = update(section(7, 0, b"\x24\x01" + write_bytes(b"m") + write_bytes(b"k") + write_bytes(b"x" * 2 * LONG_BYTES)))
    assert shortened(whole) is whole
    doc: Doc[Any] = Doc()
    doc.apply_update(whole)
    assert doc.get("m", type=Map).keys()
