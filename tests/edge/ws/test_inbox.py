"""From frames to messages, as RFC 6455 wants it. picows makes the frames in life; here they are made by hand."""

from dataclasses import dataclass
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from picows import WSFrame, WSMsgType

from fourhands.edge.ws.inbox import Inbox, WireError, check_reserved_bits
from fourhands.protocol.close import CloseCode


@dataclass
class Made:
    """What of a picows frame is looked at."""

    msg_type: WSMsgType
    payload: bytes = b""
    fin: bool = True
    rsv1: bool = False
    rsv2: bool = False
    rsv3: bool = False

    @property
    def payload_size(self) -> int:
        return len(self.payload)

    def get_payload_as_bytes(self) -> bytes:
        return self.payload


def made(kind: WSMsgType, payload: bytes = b"", **more: bool) -> WSFrame:
    return cast("WSFrame", Made(kind, payload, **more))


def start(payload: bytes, *, fin: bool = False) -> WSFrame:
    return made(WSMsgType.BINARY, payload, fin=fin)


def more(payload: bytes, *, fin: bool = False) -> WSFrame:
    return made(WSMsgType.CONTINUATION, payload, fin=fin)


def refused(inbox: Inbox, frame: WSFrame) -> CloseCode:
    with pytest.raises(WireError) as error:
        inbox.take(frame)
    return error.value.close


@given(st.lists(st.binary(max_size=5), min_size=1, max_size=8), st.integers(1, 3))
def test_fragments_are_put_together_again_and_again(parts: list[bytes], times: int) -> None:
    inbox = Inbox(40, 8)
    for _ in range(times):
        frames = [start(parts[0], fin=len(parts) == 1), *(more(part) for part in parts[1:-1])]
        if len(parts) > 1:
            frames.append(more(parts[-1], fin=True))
        taken = [inbox.take(frame) for frame in frames]
        assert taken[:-1] == [None] * (len(parts) - 1)
        assert taken[-1] == b"".join(parts)


def test_a_text_frame_is_not_ours() -> None:
    assert refused(Inbox(10, 3), made(WSMsgType.TEXT, b"hi")) is CloseCode.UNSUPPORTED_DATA


def test_a_continuation_needs_a_start() -> None:
    assert refused(Inbox(10, 3), more(b"x", fin=True)) is CloseCode.PROTOCOL_ERROR


def test_a_message_must_end_before_the_next_begins() -> None:
    inbox = Inbox(10, 3)
    inbox.take(start(b"x"))
    assert refused(inbox, start(b"y", fin=True)) is CloseCode.PROTOCOL_ERROR


def test_the_whole_message_is_bounded_not_its_frames() -> None:
    inbox = Inbox(10, 5)
    assert inbox.take(start(bytes(10), fin=True)) == bytes(10)
    assert refused(inbox, start(bytes(11), fin=True)) is CloseCode.TOO_BIG
    inbox.take(start(bytes(5)))
    inbox.take(more(bytes(5)))
    assert refused(inbox, more(b"x", fin=True)) is CloseCode.TOO_BIG


def test_the_number_of_fragments_is_bounded() -> None:
    inbox = Inbox(10, 3)
    inbox.take(start(b""))
    inbox.take(more(b""))
    assert inbox.take(more(b"", fin=True)) == b""
    inbox.take(start(b""))
    inbox.take(more(b""))
    inbox.take(more(b""))
    assert refused(inbox, more(b"", fin=True)) is CloseCode.TOO_BIG


@pytest.mark.parametrize("bit", ["rsv1", "rsv2", "rsv3"])
def test_reserved_bits_are_zero(bit: str) -> None:
    check_reserved_bits(start(b""))
    with pytest.raises(WireError) as error:
        check_reserved_bits(made(WSMsgType.BINARY, rsv1=bit == "rsv1", rsv2=bit == "rsv2", rsv3=bit == "rsv3"))
    assert error.value.close is CloseCode.PROTOCOL_ERROR
