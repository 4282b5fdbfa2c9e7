"""Rows of the journal that hold edits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.errors import InvalidRequest
from fourhands.protocol.edits import Edit, decode, encode

edits = st.lists(st.builds(Edit, st.text(max_size=5), st.integers(0, 2**42), st.binary(max_size=20)), max_size=6)


@given(edits)
def test_edits_come_back_and_time_never_runs_backwards(written: list[Edit]) -> None:
    read = decode(encode(written))
    assert [(edit.author, edit.update) for edit in read] == [(edit.author, edit.update) for edit in written]
    latest = 0
    for before, after in zip(written, read, strict=True):
        latest = max(latest, before.at_ms)
        assert after.at_ms == latest


def test_a_name_is_written_once() -> None:
    many = [Edit("ada0ada0ada0ada0", 1_700_000_000_000 + n, b"\x00\x00") for n in range(100)]
    assert len(encode(many)) < 100 * 6 + 40


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_and_nothing_else(payload: bytes) -> None:
    for data in (payload, b"\x01" + payload):
        try:
            decode(data)
        except InvalidRequest:
            continue


@pytest.mark.parametrize("payload", ["02", "01", "0100", "01000100", "0101016100ff", "01000101010100", "0101016101010000"])
def test_what_is_no_row_is_refused(payload: str) -> None:
    with pytest.raises(InvalidRequest):
        decode(bytes.fromhex(payload))
