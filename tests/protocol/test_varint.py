"""Numbers, strings and byte arrays as lib0 writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.errors import InvalidRequest
from fourhands.protocol.varint import MAX_BITS, read_bytes, read_varuint, write_bytes, write_varuint

LARGEST = (1 << MAX_BITS) - 1


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "00"),
        (1, "01"),
        (127, "7f"),
        (128, "8001"),
        (300, "ac02"),
        (16383, "ff7f"),
        (16384, "808001"),
        (2**32 - 1, "ffffffff0f"),
        (LARGEST, "ffffffffffffff0f"),
    ],
)
def test_numbers_are_written_as_lib0_does(value: int, written: str) -> None:
    assert write_varuint(value).hex() == written
    assert read_varuint(bytes.fromhex(written), 0) == (value, len(written) // 2)


@given(st.integers(0, LARGEST), st.binary(max_size=5), st.binary(max_size=5))
def test_a_number_comes_back_wherever_it_stands(value: int, before: bytes, after: bytes) -> None:
    written = write_varuint(value)
    assert read_varuint(before + written + after, len(before)) == (value, len(before) + len(written))


@pytest.mark.parametrize("data", ["", "80", "ffff", "ffffffffffffff1f", "ffffffffffffffff01", "80808080808080808001", "ff" * 100])
def test_a_number_that_is_cut_short_or_too_large_is_refused(data: str) -> None:
    with pytest.raises(InvalidRequest):
        read_varuint(bytes.fromhex(data), 0)


@given(st.binary(max_size=300), st.binary(max_size=5))
def test_bytes_come_back(data: bytes, after: bytes) -> None:
    written = write_bytes(data)
    assert read_bytes(written + after, 0) == (data, len(written))


@pytest.mark.parametrize("data", ["", "01", "0561", "ffffffffffffff0f61"])
def test_bytes_that_are_cut_short_are_refused(data: str) -> None:
    with pytest.raises(InvalidRequest):
        read_bytes(bytes.fromhex(data), 0)


@given(st.binary(max_size=40), st.integers(0, 45))
def test_any_bytes_are_read_or_refused_and_nothing_else(data: bytes, start: int) -> None:
    for read in (read_varuint, read_bytes):
        try:
            _, end = read(data, start)
        except InvalidRequest:
            continue
        assert start < end <= len(data)
