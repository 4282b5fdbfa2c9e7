"""The frames that we write, read back by another implementation of RFC 6455."""

import pytest
from websockets.frames import Close, Frame
from websockets.streams import StreamReader

from fourhands.protocol.websocket import BINARY, CLOSE, PING, PING_FRAME, PONG, close_answer, close_frame, frame


def read(data: bytes) -> Frame:
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    parse = Frame.parse(reader.read_exact, mask=False)
    try:
        while True:
            next(parse)
    except StopIteration as end:
        assert next(iter(reader.at_eof()), None) is None
        return end.value


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 70000])
def test_a_message_of_any_size_is_one_final_frame(size: int) -> None:
    payload = bytes(size)
    parsed = read(frame(payload))
    assert (parsed.opcode, parsed.fin, bytes(parsed.data)) == (BINARY, True, payload)
    assert (parsed.rsv1, parsed.rsv2, parsed.rsv3) == (False, False, False)


@pytest.mark.parametrize("opcode", [CLOSE, PING, PONG])
def test_control_frames_keep_their_kind(opcode: int) -> None:
    assert read(frame(b"1234", opcode)).opcode == opcode


def test_a_ping_is_empty() -> None:
    assert (read(PING_FRAME).opcode, read(PING_FRAME).data) == (PING, b"")


def test_a_close_frame_says_code_and_reason() -> None:
    parsed = read(close_frame(4400, "Nö.".encode()))
    assert parsed.opcode == CLOSE
    assert Close.parse(parsed.data) == Close(4400, "Nö.")


@pytest.mark.parametrize(
    ("payload", "answer"),
    [
        (b"", b""),
        (b"\x03\xe8", b"\x03\xe8"),
        (close_frame(4999, "Nö.".encode())[2:], close_frame(4999, "Nö.".encode())[2:]),
        (b"\x03", 1002),
        (b"\x03\xed", 1002),
        (b"\xff\xff", 1002),
        (b"\x03\xe8\xff", 1007),
        (b"\x03\xe8\xed\xa0\x80", 1007),
    ],
)
def test_a_close_frame_is_given_back_unless_it_is_wrong(payload: bytes, answer: bytes | int) -> None:
    said = read(close_answer(payload))
    assert said.opcode == CLOSE
    assert bytes(said.data) == answer if isinstance(answer, bytes) else Close.parse(said.data).code == answer
