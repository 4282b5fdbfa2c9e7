"""The streams of a run: a message that comes twice is left out, one that is missing ends it, and nothing is written to a stream that is gone."""

from collections.abc import Callable

import msgspec
import pytest

from fourhands.errors import ProtocolViolation
from fourhands.execution.cluster.channel import TRIM_MESSAGES, Channel, Inflow
from fourhands.execution.cluster.sender import Word
from fourhands.execution.link import Credit, FromRunner, Output, Stop, encode


class Written:
    """A sender that keeps what it is given."""

    is_full = False

    def __init__(self) -> None:
        self.commands: list[tuple[Word, ...]] = []
        self.missing: list[Callable[[], None]] = []

    def put(self, *words: Word, missing: Callable[[], None] = lambda: None) -> None:
        self.commands.append(words)
        self.missing.append(missing)


def channel(written: Written, cut: Callable[[], None] = lambda: None) -> Channel:
    return Channel(written, "key", 5000, cut)  # pyright: ignore[reportArgumentType]


def inflow(written: Written) -> "Inflow[FromRunner]":
    return Inflow(written, "key", msgspec.json.Decoder(FromRunner))  # pyright: ignore[reportArgumentType]


def entry(number: int, body: bytes = b"x") -> dict[bytes, bytes]:
    return {b"n": b"%d" % number, b"h": encode(Output(1, "stdout")), b"b": body}


def test_the_first_message_makes_the_stream_which_ends_by_itself_and_the_others_need_it() -> None:
    written, cuts = Written(), list[int]()
    said = channel(written, lambda: cuts.append(1))
    said.send(Stop(1))
    said.send(Credit(1, 5), b"body")
    assert [command[0] for command in written.commands] == ["XADD", "PEXPIRE", "XADD"]
    assert ["NOMKSTREAM" in command for command in written.commands] == [False, False, True]
    assert written.commands[1] == ("PEXPIRE", "key", 5000)
    written.missing[2]()
    written.missing[2]()
    assert cuts == [1]  # once
    said.send(Stop(1))
    assert len(written.commands) == 3  # nothing more is said


def test_a_muted_channel_says_nothing_and_hears_of_no_cut() -> None:
    written, cuts = Written(), list[int]()
    said = channel(written, lambda: cuts.append(1))
    said.send(Stop(1))
    said.mute()
    said.send(Stop(1))
    written.missing[0]()
    assert (len(written.commands), cuts) == (2, [])


def test_what_comes_twice_is_left_out_and_what_was_read_is_taken_away() -> None:
    written = Written()
    heard = inflow(written)
    for number in range(1, TRIM_MESSAGES + 1):
        assert heard.take(b"%d-7" % number, entry(number)) == (Output(1, "stdout"), b"x")
        assert heard.take(b"%d-8" % number, entry(number)) is None
    assert written.commands == [("XTRIM", "key", "MINID", b"%d-8" % TRIM_MESSAGES)]


@pytest.mark.parametrize("fields", [entry(2), {}, {b"n": b"x", b"h": b"", b"b": b""}, {b"n": b"1", b"h": b"{}", b"b": b""}])
def test_what_is_missing_or_makes_no_sense_is_refused(fields: dict[bytes, bytes]) -> None:
    with pytest.raises(ProtocolViolation, match="Redis"):
        inflow(Written()).take(b"1-1", fields)
