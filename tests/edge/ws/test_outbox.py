"""What a connection is owed, over a wire that notes what reaches it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from fourhands.edge.ws import outbox as outbox_module
from fourhands.edge.ws.outbox import ConnectionOutbox
from fourhands.protocol.close import CloseCode
from fourhands.protocol.websocket import close_frame, frame


class Wire:
    """Notes writes; `stuck`: the other side reads nothing, so all of it waits, and once it is much `on_much` hears of it, as from asyncio."""

    def __init__(self, *, stuck: bool = False) -> None:
        self.writes: list[bytes] = []
        self.stuck = stuck
        self.closed = False
        self.aborted = asyncio.Event()
        self.asked = 0
        self.on_much: Callable[[], None] | None = None
        self._high = 0
        self._told = False

    def set_write_buffer_limits(self, high: int | None = None) -> None:
        self._high = high or 0

    def write(self, data: bytes) -> None:
        self._told = self._told and self.waiting > 0
        self.writes.append(data)
        if self.on_much is not None and not self._told and self.waiting > self._high:
            self._told = True
            self.on_much()

    def say_close(self, code: int, reason: bytes) -> None:
        self.write(close_frame(code, reason))

    @property
    def waiting(self) -> int:
        return sum(map(len, self.writes)) if self.stuck else 0

    def get_write_buffer_size(self) -> int:
        self.asked += 1
        return self.waiting

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted.set()

    def get_extra_info(self, name: str) -> Any:
        return None


def outbox_on(wire: Wire, most_bytes: int = 1000) -> ConnectionOutbox:
    outbox = ConnectionOutbox(wire, wire.say_close, most_bytes, asyncio.get_running_loop(), "k7f3-9q2m-x4tz")
    wire.on_much = outbox.watch
    return outbox


async def test_frames_reach_the_wire_in_the_order_of_putting() -> None:
    wire = Wire()
    outbox = outbox_on(wire)
    for part in (b"a", b"b", b"c"):
        outbox.put(part)
    assert wire.writes == [b"a", b"b", b"c"]


async def test_what_waits_is_looked_at_only_once_it_is_much_and_until_it_was_sent() -> None:
    wire = Wire(stuck=True)
    outbox = outbox_on(wire, 10**6)
    for _ in range(64):
        outbox.put(bytes(1024))
    assert wire.asked == 0
    outbox.put(b"x")
    outbox.put(b"y")
    assert wire.asked > 0
    wire.stuck, wire.asked = False, 0
    outbox.drained()
    outbox.put(b"z")
    assert wire.asked == 0
    assert wire.writes[64:] == [b"x", b"y", b"z"]


async def test_what_waits_is_looked_at_behind_an_answer_until_that_was_sent() -> None:
    wire = Wire(stuck=True)
    outbox = outbox_on(wire)
    outbox.put_answer(bytes(500))
    wire.writes.clear()
    outbox.put(b"x")
    wire.asked = 0
    outbox.put(b"y")
    assert wire.asked == 0
    outbox.put(bytes(1000))  # with x and y more than may wait, had the answer not been sent
    assert outbox.closing


async def test_nothing_is_written_to_a_connection_that_has_ended() -> None:
    wire = Wire(stuck=True)
    outbox = outbox_on(wire, 10)
    outbox.end()
    outbox.watch()
    outbox.drained()
    outbox.put(bytes(11))
    assert wire.writes == []


async def test_what_is_owed_goes_before_the_close_frame_and_nothing_after_it() -> None:
    wire = Wire()
    outbox = outbox_on(wire)
    outbox.put(b"a")
    outbox.close(CloseCode.INVALID, "This cannot be read.")
    outbox.put(b"b")
    outbox.close(CloseCode.FORBIDDEN, "Twice is once.")
    assert wire.writes == [b"a", close_frame(4400, b"This cannot be read.")]
    assert outbox.closing


async def test_the_wire_is_cut_when_the_close_frame_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "CLOSE_SECONDS", 0.01)
    wire = Wire()
    outbox_on(wire).close(CloseCode.INVALID, "No.")
    await asyncio.wait_for(wire.aborted.wait(), 20)


async def test_whoever_reads_too_slowly_is_closed_with_4508_and_loses_nothing_before() -> None:
    wire = Wire(stuck=True)
    outbox = outbox_on(wire, 100)
    outbox.put(bytes(100))
    assert not outbox.closing
    outbox.put(b"x")
    assert outbox.closing
    assert wire.writes[:2] == [bytes(100), b"x"]
    assert wire.writes[2][2:4] == (4508).to_bytes(2, "big")
    outbox.put(b"y")
    assert len(wire.writes) == 3


async def test_an_answer_may_be_larger_than_what_may_wait_and_only_one_at_a_time() -> None:
    wire = Wire(stuck=True)
    outbox = outbox_on(wire, 100)
    outbox.put_answer(bytes(500))
    outbox.put(bytes(100))
    assert not outbox.closing
    outbox.put_answer(bytes(500))
    assert outbox.closing


async def test_once_an_answer_was_sent_the_limit_is_as_before() -> None:
    for drain in (True, False):
        wire = Wire(stuck=drain)
        outbox = outbox_on(wire, 100)
        outbox.put_answer(bytes(500))
        if drain:
            outbox.drained()
        wire.writes.clear()
        wire.stuck = True
        outbox.put(bytes(101))
        assert outbox.closing


async def test_a_close_that_meets_an_overflow_says_one_code_alone() -> None:
    wire = Wire(stuck=True)
    outbox = outbox_on(wire, 10)
    outbox.put(bytes(11))
    outbox.close(CloseCode.ROOM_ENDED, "This room has ended.")
    assert len(wire.writes) == 2


async def test_a_close_of_the_other_side_is_answered_and_ends() -> None:
    wire = Wire()
    outbox = outbox_on(wire)
    outbox.answer_close(frame(b"\x03\xe8", 8))
    assert (wire.writes, wire.closed) == ([frame(b"\x03\xe8", 8)], True)


async def test_an_answer_to_our_own_close_writes_nothing_more() -> None:
    wire = Wire()
    outbox = outbox_on(wire)
    outbox.close(CloseCode.RESTART, "Soon.")
    outbox.answer_close(close_frame(1012, b""))
    assert (len(wire.writes), wire.closed) == (1, True)


async def test_a_long_reason_fits_the_frame() -> None:
    wire = Wire()
    outbox_on(wire).close(CloseCode.INVALID, "ü" * 200)
    assert len(wire.writes[0]) <= 127
    assert wire.writes[0][4:].decode()


async def test_who_has_gone_meanwhile_needs_no_cutting() -> None:
    class Ended:
        def fileno(self) -> int:
            return -1

        def setsockopt(self, *_: object) -> None:
            raise ValueError("negative file descriptor")

    class EndedWire(Wire):
        def get_extra_info(self, name: str) -> Any:
            return Ended()

    wire = EndedWire()
    outbox_on(wire).cut()
    assert wire.aborted.is_set()
