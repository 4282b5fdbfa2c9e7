"""Frames of y-protocols and our own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Text, create_sync_message, create_update_message

from fourhands.errors import InvalidRequest
from fourhands.protocol import sync
from fourhands.protocol.sync import Kind, Message

WRITERS = {
    Kind.STEP1: sync.step1,
    Kind.STEP2: sync.step2,
    Kind.UPDATE: sync.update,
    Kind.AWARENESS: sync.awareness,
    Kind.EVENT: sync.event,
}


@given(st.sampled_from(sorted(WRITERS)), st.binary(max_size=300))
def test_what_is_written_is_read(kind: Kind, payload: bytes) -> None:
    assert sync.decode(WRITERS[kind](payload)) == Message(kind, payload)


def test_a_refusal_says_why() -> None:
    assert sync.decode(sync.permission_denied("Nö.")) == Message(Kind.AUTH, "Nö.".encode())


def test_a_query_is_one_byte() -> None:
    assert sync.decode(b"\x03") == Message(Kind.QUERY_AWARENESS, b"")


def test_pycrdt_speaks_the_same() -> None:
    doc = Doc()
    doc.get("t", type=Text).insert(0, "hello")
    assert sync.decode(create_sync_message(doc)) == Message(Kind.STEP1, doc.get_state())
    assert create_update_message(doc.get_update()) == sync.update(doc.get_update())


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (b"", "cut short"),
        (b"\x00", "cut short"),
        (b"\x00\x00", "cut short"),
        (b"\x00\x01\x05abc", "cut short"),
        (b"\x00\x03\x00", "sync message of kind 3"),
        (b"\x04\x00", "type 4"),
        (b"\x05", "type 5"),
        (b"\x11\x00", "type 17"),
        (b"\x03\x00", "left over"),
        (b"\x00\x01\x00\x00", "left over"),
        (b"\x01\x00\x00", "left over"),
        (b"hello", "type 104"),
    ],
)
def test_what_is_no_message_is_refused_with_a_reason(frame: bytes, why: str) -> None:
    with pytest.raises(InvalidRequest, match=why):
        sync.decode(frame)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_refused_and_nothing_else(frame: bytes) -> None:
    try:
        message = sync.decode(frame)
    except InvalidRequest:
        return
    assert message.kind in Kind
    assert len(message.payload) < len(frame)
