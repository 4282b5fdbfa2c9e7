"""Awareness updates of y-protocols."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Awareness, Doc

from fourhands.errors import InvalidRequest
from fourhands.protocol.awareness import GONE, Entry, decode, encode

entries = st.lists(st.builds(Entry, st.integers(0, 2**32 - 1), st.integers(0, 2**40), st.one_of(st.just(GONE), st.binary(max_size=40))), max_size=8)


@given(entries)
def test_what_is_written_is_read(written: list[Entry]) -> None:
    assert decode(encode(written), 8) == written


def test_pycrdt_reads_what_we_write_and_the_other_way_round() -> None:
    theirs = Awareness(Doc(client_id=7))
    theirs.set_local_state({"cursor": 3})
    client, clock, state = decode(theirs.encode_awareness_update([7]), 1)[0]
    assert (client, state) == (7, b'{"cursor":3}')
    ours = Awareness(Doc(client_id=8))
    ours.apply_awareness_update(encode([Entry(7, clock + 1, b'{"cursor":4}')]), "test")
    assert ours.states[7] == {"cursor": 4}
    ours.apply_awareness_update(encode([Entry(7, clock + 2, GONE)]), "test")
    assert 7 not in ours.states


def test_more_states_than_allowed_are_refused() -> None:
    three = encode([Entry(n, 0, GONE) for n in range(3)])
    assert len(decode(three, 3)) == 3
    with pytest.raises(InvalidRequest, match="2 states"):
        decode(three, 2)


def test_a_count_that_lies_is_refused_before_anything_is_made() -> None:
    with pytest.raises(InvalidRequest):
        decode(b"\xff\xff\xff\xff\x0f", 64)


@pytest.mark.parametrize("data", ["", "01", "0101", "010101", "01010105", "000f", "0101010000"])
def test_what_is_cut_short_or_left_over_is_refused(data: str) -> None:
    with pytest.raises(InvalidRequest):
        decode(bytes.fromhex(data), 64)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_and_nothing_else(data: bytes) -> None:
    try:
        read = decode(data, 64)
    except InvalidRequest:
        return
    assert len(read) <= 64
