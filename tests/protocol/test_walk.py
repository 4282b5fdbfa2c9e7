"""A walk over updates: what pycrdt writes is read, and nothing else passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.errors import InvalidRequest, TooLarge
from fourhands.protocol.steps import EVERY, EVERY_BYTES
from fourhands.protocol.update import MOST_RANGES, read_state_vector
from fourhands.protocol.varint import write_varuint
from fourhands.protocol.walk import MOST_SECTIONS, MOST_STRUCTS, walk, walk_in_steps
from tests.protocol.updates import letters, one_of_everything, section, skip, update, writer


def test_everything_that_pycrdt_writes_is_read() -> None:
    doc, sent = writer(5)
    one_of_everything(doc)
    assert walk(doc.get_update()).sections[5][-1].after == read_state_vector(doc.get_state())[5]
    clock = 0
    for edit in sent:
        for struct in walk(edit).sections.get(5, []):
            assert struct.clock == clock
            clock = struct.after


def test_an_update_deletes_so_many_ranges_and_not_more() -> None:
    def deleting(ranges: int) -> bytes:
        return update(deletes=b"\x01\x07" + write_varuint(ranges) + b"".join(write_varuint(2 * n) + b"\x01" for n in range(ranges)))

    assert len(walk(deleting(MOST_RANGES)).deletes[7]) == MOST_RANGES
    with pytest.raises(TooLarge):
        walk(deleting(MOST_RANGES + 1))
    assert len(walk(deleting(MOST_RANGES + 1), MOST_RANGES + 1).deletes[7]) == MOST_RANGES + 1


def test_an_update_has_so_many_clients_and_not_more() -> None:
    def by(clients: int) -> bytes:
        return update(*(section(client, 0, b"\x00\x01") for client in range(clients)))

    assert len(walk(by(MOST_SECTIONS)).sections) == MOST_SECTIONS
    with pytest.raises(InvalidRequest, match="too many clients"):
        walk(by(MOST_SECTIONS + 1))


def test_clocks_that_are_deleted_have_32_bits() -> None:
    last = (1 << 32) - 1
    assert walk(update(deletes=b"\x01\x07\x01\x05" + write_varuint(last - 5))).deletes == {7: [(5, last)]}
    with pytest.raises(InvalidRequest):
        walk(update(deletes=b"\x01\x07\x01\x05" + write_varuint(last - 4)))


REFUSED = {
    "nothing": b"",
    "no delete set": b"\x00",
    "a section without structs": update(section(1, 0)),
    "a client twice": update(section(1, 0, letters("a")), section(1, 1, letters("b"))),
    "more structs than there are": b"\x01\xff\xff\xff\xff\x0f\x01\x00" + letters("a") + b"\x00",
    "more clients than there are": b"\xff\xff\xff\xff\x0f" + section(1, 0, letters("a")) + b"\x00",
    "bytes left over": update(section(1, 0, letters("a"))) + b"\x00",
    "a text of no letters": update(section(1, 0, letters(""))),
    "a skip of nothing": update(section(1, 0, skip(0), letters("a"))),
    "a skip with flags": update(section(1, 0, b"\x8a\x01\x00\x01", letters("a"))),
    "a text that is not UTF-8": update(section(1, 0, b"\x04\x01\x01t\x01\xff")),
    "its own origin": update(section(1, 0, letters("a", origin=(1, 0)))),
    "an origin of its own future": update(section(1, 0, letters("a", origin=(1, 5)))),
    "the same neighbour on both sides": update(section(1, 0, letters("a"), b"\xc4\x01\x00\x01\x00\x01x")),
    "the same neighbour on both sides of a type": update(section(1, 0, letters("a"), b"\xc7\x01\x00\x01\x00\x00")),
    "an unknown kind": update(section(1, 0, b"\x0b\x01\x01t\x00")),
    "an unknown type": update(section(1, 0, b"\x07\x01\x01t\x07")),
    "an unknown value": update(section(1, 0, b"\x08\x01\x01t\x01\x10")),
    "a parent of no kind": update(section(1, 0, b"\x04\x02\x01t\x01a")),
    "a clock past every number": update(section(1, (1 << 53) - 1, letters("ab"))),
    "a value without an end": update(section(1, 0, b"\x08\x01\x01t\x01\x7d" + b"\xff" * 9)),
    "a value nested too deeply": update(section(1, 0, b"\x08\x01\x01t\x01" + b"\x75\x01" * 5000 + b"\x7e")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_update_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest):
        walk(REFUSED[name])


@given(st.binary(max_size=80))
def test_any_bytes_are_walked_or_refused_and_nothing_else(data: bytes) -> None:
    for read in (walk, lambda data: walk(b"\x01\x01\x07\x00" + data)):
        try:
            read(data)
        except InvalidRequest:
            continue


def test_an_update_has_so_many_structs_and_not_more() -> None:
    def holding(structs: int) -> bytes:
        return b"\x02" + write_varuint(9) + b"\x01\x00" + b"\x00\x01" * 9 + write_varuint(structs - 9) + b"\x02\x00" + b"\x00\x01" * (structs - 9) + b"\x00"

    assert sum(struct.pieces for structs in walk(holding(MOST_STRUCTS)).sections.values() for struct in structs) == MOST_STRUCTS
    with pytest.raises(TooLarge, match="too many edits"):
        walk(holding(MOST_STRUCTS + 1))


def test_a_large_update_is_walked_in_steps() -> None:
    large = update(section(1, 0, letters("a"), *(letters("b", origin=(1, clock)) for clock in range(9_999))))
    assert len(list(walk_in_steps(large))) in range(10_000 // EVERY - 10, 10_000 // EVERY + 1)


def test_a_step_ends_behind_so_many_bytes() -> None:
    large = b"x" * EVERY_BYTES
    whole = update(section(7, 0, letters(large.decode()), *(letters(large.decode(), origin=(7, number * EVERY_BYTES - 1)) for number in range(1, 20))))
    assert sum(1 for _ in walk_in_steps(whole)) >= 19
