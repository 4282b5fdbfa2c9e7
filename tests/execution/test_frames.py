"""Frames survive any cut of the stream; nothing that is too large is waited for."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.errors import ProtocolViolation
from fourhands.execution.frames import BODY_BYTES, HEADER_BYTES, FrameReader, pack_frame


@given(st.lists(st.tuples(st.binary(max_size=40), st.binary(max_size=60))), st.lists(st.integers(1, 30), min_size=1))
def test_whatever_the_cuts_the_frames_come_out_whole(frames: list[tuple[bytes, bytes]], cuts: list[int]) -> None:
    stream = b"".join(pack_frame(*frame) for frame in frames)
    reader = FrameReader()
    got: list[tuple[bytes, bytes]] = []
    at = number = 0
    while at < len(stream):
        size = cuts[number % len(cuts)]
        got += reader.feed(stream[at : at + size])
        at, number = at + size, number + 1
    reader.end()
    assert got == frames


@pytest.mark.parametrize(("header", "body"), [(HEADER_BYTES + 1, 0), (0, BODY_BYTES + 1), (0xFFFFFFFF, 0xFFFFFFFF)])
def test_a_length_past_its_bound_is_refused_before_anything_of_it_came(header: int, body: int) -> None:
    with pytest.raises(ProtocolViolation, match="too large"):
        list(FrameReader().feed(struct.pack(">II", header, body)))


def test_a_frame_at_its_bounds_is_taken() -> None:
    reader = FrameReader(header_bytes=3, body_bytes=2)
    assert list(reader.feed(pack_frame(b"abc", b"de"))) == [(b"abc", b"de")]
    with pytest.raises(ProtocolViolation):
        list(reader.feed(pack_frame(b"abcd", b"de")))


def test_what_the_other_end_would_refuse_is_not_sent() -> None:
    with pytest.raises(ProtocolViolation):
        pack_frame(bytes(HEADER_BYTES + 1))


def test_an_end_in_the_middle_of_a_frame_is_told() -> None:
    reader = FrameReader()
    assert list(reader.feed(pack_frame(b"a", b"b")[:-1])) == []
    with pytest.raises(ProtocolViolation, match="in the middle"):
        reader.end()
