"""Blocks of edits: what goes in comes out to the byte, and what is no block is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.errors import InvalidRequest
from fourhands.model.entry import Entry, EntryKind, StoredEntry
from fourhands.protocol.edits import pack, times_of, unpack, updates_of

edits = st.lists(
    st.builds(Entry, st.just(EntryKind.EDIT), st.binary(max_size=40), st.integers(-(2**53), 2**53), st.sampled_from(["", "ada", "lin 林"])),
    min_size=1,
    max_size=60,
)


@given(edits, st.integers(1, 2**40), st.booleans())
def test_edits_come_back_with_author_time_place_and_bytes(written: list[Entry], first: int, small: bool) -> None:
    expected = [StoredEntry(one.kind, one.payload, one.at_ms, one.member, position=position) for position, one in enumerate(written, first)]
    block = pack(written, small=small)
    assert unpack(block, first) == expected
    assert updates_of(block) == [one.payload for one in written]
    assert times_of(block) == [one.at_ms for one in written]


@given(st.binary(max_size=60))
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(InvalidRequest):
        unpack(rubbish, 1)


@given(edits, st.booleans(), st.data())
def test_a_damaged_block_is_refused(written: list[Entry], small: bool, data: st.DataObject) -> None:
    block = pack(written, small=small)
    at = data.draw(st.integers(0, len(block) - 1))
    for damaged in (block[:at], block[:at] + bytes([block[at] ^ 0x55]) + block[at + 1 :]):
        with pytest.raises(InvalidRequest):
            unpack(damaged, 1)


def test_much_typing_takes_few_bytes() -> None:
    typed = [Entry(EntryKind.EDIT, b"\x01\x01\xb1\x9f\x8e\x20" + bytes([n, 0x84, 0xB1, 0x9F, 0x8E, 0x20, n, 1, 97 + n % 26, 0]), 1000 * n) for n in range(100)]
    assert len(pack(typed)) < sum(len(one.payload) for one in typed) / 2
