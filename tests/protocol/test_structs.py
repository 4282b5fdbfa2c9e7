"""Structs, alone and in runs."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourhands.errors import InvalidRequest
from fourhands.protocol.structs import Kind, Reader, Struct, read_struct, struct_at
from fourhands.protocol.varint import read_varuint, write_varuint
from fourhands.protocol.walk import walk
from tests.protocol.updates import letters, one_of_everything, section, text_of, update, writer


def test_lengths_are_those_of_javascript() -> None:
    doc, sent = writer(5)
    text_of(doc).insert(0, "aü林👩")
    assert walk(sent[0]).sections[5][0].after == 5


def test_what_a_keystroke_needs_is_seen() -> None:
    doc, sent = writer(5)
    text_of(doc).insert(0, "ac")
    text_of(doc).insert(1, "b")
    (struct,) = walk(sent[1]).sections[5]
    assert (struct.clock, struct.after, struct.needs, struct.skips) == (2, 3, (), False)  # its own older ones are there anyway
    assert walk(sent[1].replace(b"\x05\x01\x01b", b"\x07\x01\x01b")).sections[5][0].needs == ((7, 1),)


@pytest.mark.parametrize("kind", [b"\x00", b"\x0a", b"\x01\x01\x01t"])
def test_clocks_have_32_bits(kind: bytes) -> None:
    last = (1 << 32) - 1
    assert walk(update(section(1, 5, kind + write_varuint(last - 5)))).sections[1][0].after == last
    with pytest.raises(InvalidRequest, match="length"):
        walk(update(section(1, 5, kind + write_varuint(last - 4))))


def test_a_run_is_what_stands_beside_older_ones_of_its_client() -> None:
    texts = [letters("ab"), letters("c", origin=(1, 1)), b"\x00\x05", b"\x81\x01\x02\x03", letters("é林👩", origin=(1, 8))]
    (first, run) = walk(update(section(1, 0, *texts))).sections[1]
    assert (first.place, first.pieces, run.pieces, run.clock, run.after, run.needs, run.kind) == (("t", ""), 1, 4, 2, 15, (), Kind.STRING)


def test_a_run_ends_where_another_client_is_needed_and_after_so_many() -> None:
    texts = [letters("a", origin=(2, 3)), letters("b", origin=(2, 3)), letters("c", origin=(1, 0)), letters("d", origin=(2, 4))]
    assert [(run.pieces, run.needs) for run in walk(update(section(1, 0, *texts))).sections[1]] == [(3, ((2, 3),)), (1, ((2, 4),))]
    long = walk(update(section(1, 0, *(letters("a", origin=(2, 0)) for _ in range(100))))).sections[1]
    assert [run.pieces for run in long] == [64, 36]


def test_a_value_in_a_run_is_told_and_a_type_stands_alone() -> None:
    value, nested = b"\x88\x02\x00\x01\x7e", b"\x87\x02\x00\x01"
    kinds = [(run.kind, run.pieces) for run in walk(update(section(1, 0, letters("a", origin=(2, 0)), value, nested, letters("b", origin=(1, 0))))).sections[1]]
    assert kinds == [(Kind.VALUE, 2), (Kind.TYPE, 1), (Kind.STRING, 1)]


def test_one_struct_is_found_in_a_run() -> None:
    data = update(section(1, 0, letters("ab", origin=(2, 0)), b"\x00\x05", b"\x81\x01\x02\x03"))
    (run,) = walk(data).sections[1]
    assert [struct_at(data, run, 1, clock).kind for clock in (0, 1, 2, 6, 7, 9)] == [4, 4, 0, 0, 1, 1]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32))
def test_structs_in_runs_are_the_same_as_one_by_one(seed: int) -> None:
    """Whatever is damaged: both refuse it, or both read the same clocks to the same end."""
    chance = random.Random(seed)
    doc, _ = writer(chance.choice((5, 70_000, 2**40)))
    for _ in range(8):
        one_of_everything(doc)
        text_of(doc).insert(chance.randrange(3), chance.choice(("n", "ï", "na")))
    damaged = bytearray(doc.get_update())
    for _ in range(chance.choice((0, 1, 1, 2))):
        damaged[chance.randrange(12, len(damaged))] = chance.randrange(256)
    data = bytes(damaged)
    number, start = read_varuint(data, 1)
    client, start = read_varuint(data, start)
    clock, start = read_varuint(data, start)
    reader = Reader(data)
    ends = [read_all(read, start, client, clock, number) for read in (lambda *at: read_struct(data, *at[:3]), reader.run)]
    assert ends[0] == ends[1]


def read_all(read: Callable[[int, int, int, int], Struct], position: int, client: int, clock: int, number: int) -> tuple[int, int] | None:
    """Where so many structs end, and at which clock; None if they are refused."""
    try:
        while number:
            struct = read(position, client, clock, number)
            position, clock, number = struct.end, struct.after, number - struct.pieces
    except InvalidRequest:
        return None
    return position, clock
