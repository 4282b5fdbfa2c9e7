"""The rules of RFC 6455, one by one, spoken with an echo on the same stack as the rooms (tests/echo.py)."""

import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.nursery import ROOT
from tests.wire.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, close_code_after, masked, next_frame, upgraded

MESSAGE_BYTES, FRAGMENTS = 70_000, 32
BYE = masked(CLOSE, b"\x03\xe8")


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    """Where the echo is."""
    command = [sys.executable, "-m", "tests.echo", "--message-bytes", str(MESSAGE_BYTES), "--fragments", str(FRAGMENTS)]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, text=True, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[1]
        finally:
            process.terminate()


def converse(wire: socket.socket, data: bytes, *, bytewise: bool) -> tuple[list[tuple[int, bytes]], bytes]:
    """All frames until the server closes, and its close frame's payload; then the connection must end."""
    for start in range(0, len(data), 1 if bytewise else len(data)):
        try:
            wire.sendall(data[start : start + 1] if bytewise else data)
        except ConnectionError:
            break  # it has heard enough
    heard: list[tuple[int, bytes]] = []
    while (frame := next_frame(wire))[0] != CLOSE:
        heard.append(frame)
    try:
        wire.sendall(BYE)
        assert wire.recv(1) == b"", "nothing may follow a close frame"
    except ConnectionError:
        pass  # it did not wait for the answer
    return heard, frame[1]


def fragments(opcode: int, *parts: bytes) -> bytes:
    last = len(parts) - 1
    return b"".join(masked(CONTINUATION if number else opcode, part, fin=number == last) for number, part in enumerate(parts))


def closing(code: int, reason: bytes = b"") -> bytes:
    return struct.pack(">H", code) + reason


SIZES = [0, 1, 4, 5, 125, 126, 127, 2000, 65535, 65536, MESSAGE_BYTES]
EURO = "€".encode()

TAKEN: dict[str, tuple[bytes, list[tuple[int, bytes]]]] = {
    **{f"binary of {size}": (masked(BINARY, b"\xfe" * size), [(BINARY, b"\xfe" * size)]) for size in SIZES},
    **{f"text of {size}": (masked(TEXT, b"t" * size), [(TEXT, b"t" * size)]) for size in SIZES},
    "a mask of zeros": (masked(BINARY, b"abc", mask=bytes(4)), [(BINARY, b"abc")]),
    "a message in two fragments": (fragments(BINARY, b"ab", b"cd"), [(BINARY, b"abcd")]),
    "a message in the most fragments": (fragments(TEXT, *[b"x"] * FRAGMENTS), [(TEXT, b"x" * FRAGMENTS)]),
    "fragments without bytes": (fragments(BINARY, b"", b"a", b"", b""), [(BINARY, b"a")]),
    "only fragments without bytes": (fragments(TEXT, b"", b"", b""), [(TEXT, b"")]),
    "fragments as large as a message may be": (fragments(BINARY, bytes(69_999), b"x"), [(BINARY, bytes(69_999) + b"x")]),
    "fragmented, then whole, then fragmented": (
        fragments(BINARY, b"a", b"b") + masked(TEXT, b"c") + fragments(TEXT, b"d", b"e"),
        [(BINARY, b"ab"), (TEXT, b"c"), (TEXT, b"de")],
    ),
    "pings and pongs between fragments": (
        masked(TEXT, b"a", fin=False) + masked(PING, b"1") + masked(PONG) + masked(CONTINUATION, b"b", fin=False) + masked(PING, b"2") + masked(0, b"c"),
        [(PONG, b"1"), (PONG, b"2"), (TEXT, b"abc")],
    ),
    "a ping without bytes": (masked(PING), [(PONG, b"")]),
    "a ping of 125 bytes": (masked(PING, b"\xff" * 125), [(PONG, b"\xff" * 125)]),
    "a pong that was not asked for": (masked(PONG, b"hm"), []),
    "many frames in one segment": (
        b"".join(masked(PING, b"%d" % n) + masked(BINARY, b"%d" % n) for n in range(50)),
        [(kind, b"%d" % n) for n in range(50) for kind in (PONG, BINARY)],
    ),
    "characters cut by fragments": (fragments(TEXT, b"a" + EURO[:1], EURO[1:2], EURO[2:] + b"b"), [(TEXT, b"a" + EURO + b"b")]),
    "the last and the least character": (masked(TEXT, "\0\U0010ffff\ud7ff\ue000".encode()), [(TEXT, "\0\U0010ffff\ud7ff\ue000".encode())]),
    "in a binary message any byte": (fragments(BINARY, bytes(range(128, 256)), b"\xff"), [(BINARY, bytes(range(128, 256)) + b"\xff")]),
}

NOT_TEXT = [b"\x80", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"ok\xff", EURO[:2]]
LEFT_OUT = {1, 2, 8, 9, 10, 0}

REFUSED: dict[str, tuple[bytes, int]] = {
    "a continuation without a start": (masked(CONTINUATION, b"x"), 1002),
    "the same, not final": (masked(CONTINUATION, b"x", fin=False), 1002),
    "a continuation after the end": (fragments(BINARY, b"a", b"b") + masked(CONTINUATION, b"c"), 1002),
    "a message inside a message": (masked(BINARY, b"a", fin=False) + masked(BINARY, b"b"), 1002),
    "a text inside a message": (masked(BINARY, b"a", fin=False) + masked(TEXT, b"b", fin=False), 1002),
    "too many fragments": (fragments(BINARY, *[b"x"] * (FRAGMENTS + 1)), 1009),
    "too many fragments without bytes": (masked(BINARY, fin=False) + masked(CONTINUATION, fin=False) * FRAGMENTS, 1009),
    "a byte too much": (masked(BINARY, bytes(MESSAGE_BYTES + 1)), 1009),
    "a byte too much over fragments": (fragments(BINARY, bytes(MESSAGE_BYTES - 1), b"xx"), 1009),
    "a length that no message has": (struct.pack(">BBQ", 0x82, 0xFF, (1 << 63) - 1), 1009),
    "a length over 63 bits": (struct.pack(">BBQ", 0x82, 0xFF, 1 << 63), 1002),
    "a short length in 16 bits": (struct.pack(">BBH", 0x82, 0xFE, 125) + bytes(4 + 125), 1002),
    "a short length in 64 bits": (struct.pack(">BBQ", 0x82, 0xFF, 65535) + bytes(4), 1002),
    "a ping of 126 bytes": (masked(PING, bytes(126)), 1002),
    "a pong of 126 bytes": (masked(PONG, bytes(126)), 1002),
    "a close of 126 bytes": (masked(CLOSE, closing(1000, b"x" * 124)), 1002),
    **{f"control frame {opcode} in pieces": (masked(opcode, b"", fin=False), 1002) for opcode in (CLOSE, PING, PONG)},
    **{f"opcode {opcode}": (masked(opcode, b""), 1002) for opcode in range(16) if opcode not in LEFT_OUT},
    **{f"reserved {bit:#x} in {kind}": (masked(kind, b"", reserved=bit), 1002) for bit in (0x40, 0x20, 0x10, 0x70) for kind in (TEXT, BINARY, PING, CLOSE)},
    "a reserved bit in a continuation": (masked(BINARY, b"a", fin=False) + masked(CONTINUATION, b"b", reserved=0x40), 1002),
    **{f"not masked: {kind}": (bytes([0x80 | kind, 0]), 1002) for kind in (TEXT, BINARY, CLOSE, PING, PONG)},
    **{f"not text: {wrong!r}": (masked(TEXT, wrong), 1007) for wrong in NOT_TEXT},
    **{f"not text from the first fragment on: {wrong!r}": (masked(TEXT, wrong, fin=False), 1007) for wrong in NOT_TEXT[:-1]},
    "a character that never ends": (fragments(TEXT, b"a" + EURO[:2], b"b"), 1007),
    **{f"close code {code}": (masked(CLOSE, closing(code)), 1002) for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)},
    "half a close code": (masked(CLOSE, b"\x03"), 1002),
    "a reason that is no text": (masked(CLOSE, closing(1000, b"\xff")), 1007),
    "a reason cut in a character": (masked(CLOSE, closing(1000, EURO[:2])), 1007),
}

GOOD_CODES = [1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 3999, 4000, 4999]

GIVEN_BACK: dict[str, bytes] = {
    "empty": b"",
    **{f"{code}": closing(code) for code in GOOD_CODES},
    "with a reason": closing(1000, "Schönen Tag.".encode()),
    "with the longest reason": closing(4000, b"r" * 123),
}


@pytest.mark.parametrize("bytewise", [False, True], ids=["at once", "byte by byte"])
@pytest.mark.parametrize("case", TAKEN)
def test_what_is_taken_comes_back(echo: str, case: str, bytewise: bool) -> None:
    data, expected = TAKEN[case]
    if bytewise and len(data) > 5000:
        data, bytewise = data[:14] + data[14:], False  # thousands of segments would show nothing new
    with upgraded(echo, "/") as wire:
        heard, close = converse(wire, data + BYE, bytewise=bytewise)
    assert [(opcode, payload) for opcode, payload in heard] == expected
    assert close == closing(1000)


@pytest.mark.parametrize("bytewise", [False, True], ids=["at once", "byte by byte"])
@pytest.mark.parametrize("case", REFUSED)
def test_what_breaks_the_rules_is_refused_by_its_code(echo: str, case: str, bytewise: bool) -> None:
    data, code = REFUSED[case]
    with upgraded(echo, "/") as wire:
        _, close = converse(wire, data, bytewise=bytewise and len(data) < 500)
    assert int.from_bytes(close[:2], "big") == code
    close[2:].decode()


@pytest.mark.parametrize("case", GIVEN_BACK)
def test_a_close_frame_is_given_back_and_ends_it(echo: str, case: str) -> None:
    with upgraded(echo, "/") as wire:
        wire.sendall(masked(CLOSE, GIVEN_BACK[case]))
        assert next_frame(wire) == (CLOSE, GIVEN_BACK[case])
        assert wire.recv(1) == b""


@pytest.mark.parametrize("more", [masked(BINARY, b"x"), masked(PING, b"x"), masked(CLOSE, closing(1001)), masked(3, b""), b"\xff" * 300])
def test_nothing_counts_after_a_close_frame(echo: str, more: bytes) -> None:
    with upgraded(echo, "/") as wire:
        wire.sendall(masked(BINARY, b"before") + BYE + more)
        assert next_frame(wire)[0] in (BINARY, CLOSE)
        rest = bytearray()
        try:
            while data := wire.recv(1000):
                rest += data
        except ConnectionError:
            pass
        assert len(rest) <= 2 + 125


def test_nothing_follows_the_close_frame_when_the_frame_behind_a_message_is_wrong(echo: str) -> None:
    """picows reads one frame ahead: it closes for what is wrong there before it hands over the message."""
    with upgraded(echo, "/") as wire:
        heard, close = converse(wire, masked(BINARY, b"first") + masked(3, b""), bytewise=False)
    assert heard in ([], [(BINARY, b"first")])
    assert int.from_bytes(close[:2], "big") == 1002


def test_large_frames_reach_a_slow_reader_whole(echo: str) -> None:
    """picows 2.3.1 reuses its header buffer under `send()` of more than 8 KiB; ours are framed by ourselves."""
    messages = [bytes([65 + number % 26]) * (20_000 + number if number % 3 else 100 + number % 20) for number in range(1200)]
    with upgraded(echo, "/", receive_buffer=65536) as wire:
        for message in messages:
            wire.sendall(masked(BINARY, message))
        for message in messages:
            assert next_frame(wire) == (BINARY, message)


@pytest.mark.parametrize("more", [masked(CLOSE, closing(1001)), masked(BINARY, b"x", reserved=0x40), masked(3, b"")])
def test_a_right_close_is_answered_whatever_stands_behind_it(echo: str, more: bytes) -> None:
    with upgraded(echo, "/") as wire:
        wire.sendall(BYE + more)
        opcode, payload = next_frame(wire)
        if payload[:2] != b"\x03\xe8":  # picows has looked ahead
            opcode, payload = next_frame(wire)
        assert (opcode, payload) == (CLOSE, b"\x03\xe8")


def test_after_our_own_close_frame_nothing_is_said_to_whatever_comes(echo: str) -> None:
    with upgraded(echo, "/") as wire:
        wire.sendall(masked(TEXT, b"\xff"))
        opcode, payload = next_frame(wire)
        assert (opcode, payload[:2]) == (CLOSE, b"\x03\xef")
        try:
            wire.sendall(masked(3, b"") + masked(BINARY, b"x") + masked(PING))
            assert wire.recv(1) == b""
        except ConnectionError:
            pass


def test_one_connection_that_breaks_the_rules_costs_no_other(echo: str) -> None:
    with upgraded(echo, "/") as good:
        for data, code in REFUSED.values():
            with upgraded(echo, "/") as bad:
                assert close_code_after(bad, data) == code
            good.sendall(masked(PING, b"still there?"))
            assert next_frame(good) == (PONG, b"still there?")
