"""A document's sizes: measured seldom, and right at the edges."""

import pytest
from pycrdt import Doc, Text

from fourhands.errors import TooLarge
from fourhands.model.limits import Limits
from fourhands.protocol.split import sort
from fourhands.protocol.steps import finish
from fourhands.protocol.update import read_state_vector
from fourhands.protocol.walk import walk
from fourhands.room.replica import Replica
from fourhands.room.sizes import Sized, Sizes


class Room:
    """A replica, somebody who writes into it, and what is measured of it."""

    def __init__(self, limits: Limits, monkeypatch: pytest.MonkeyPatch) -> None:
        self.replica = Replica()
        self.sizes = Sizes(limits)
        self.doc: Doc[Text] = Doc(client_id=1)
        self.measured = 0
        state = Replica.state

        def counted(replica: Replica, vector: bytes = b"\x00") -> bytes:
            self.measured += 1
            return state(replica, vector)

        monkeypatch.setattr(Replica, "state", counted)

    def write(self, text: str, *, file: str = "file:main", cut: int = 0, reserved: int = 0) -> None:
        """Raises `TooLarge`."""
        before = self.doc.get_state()
        with self.doc.transaction():
            written = self.doc.get(file, type=Text)
            del written[0:cut]
            written.insert(0, text)
        update = self.doc.get_update(before)
        order = sort(walk(update), read_state_vector(before)).order
        sized = Sized(update, len(update), len(update) if text else 0, order, lambda: [update])
        finish(self.sizes.require(self.replica, sized, reserved))
        self.replica.apply([update])


def test_a_document_is_measured_once_for_many_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(Limits(), monkeypatch)
    for _ in range(200):
        room.write("x")
    assert room.measured == 1


def test_at_the_edge_of_a_text_one_copy_serves_all(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(Limits(text_bytes=100), monkeypatch)
    room.write("x" * 100)
    measured = room.measured
    for _ in range(50):
        room.write("yy", cut=2)
        room.write("", cut=1)
        room.write("z", cut=0)
        room.write("in another", file="file:two", cut=len(room.doc.get("file:two", type=Text)))
    assert room.replica.text_bytes() == {"file:main": 100, "file:two": 10}
    assert room.measured <= measured + 1
    with pytest.raises(TooLarge, match="100 bytes"):
        room.write("!")


def test_who_writes_when_there_is_room_again_needs_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(Limits(text_bytes=1000), monkeypatch)
    room.write("x" * 1000)
    room.write("y", cut=1)
    assert room.sizes.budget == 0
    room.write("", cut=800)
    room.write("z")
    assert room.sizes.budget > 500
    measured = room.measured
    for _ in range(10):
        room.write("z")
    assert room.measured == measured


def test_a_document_is_full_when_a_little_is_left_and_is_not_measured_over_and_over(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(Limits(document_bytes=64_000), monkeypatch)
    with pytest.raises(TooLarge, match="64,000 bytes"):
        for _ in range(100):
            room.write("x" * 1000, file="elsewhere")
    assert 61_000 < len(room.replica.state()) <= 64_000
    assert room.measured < 10
    room.write("", file="elsewhere", cut=500)


def test_what_waits_is_counted_as_if_it_were_in(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(Limits(text_bytes=100), monkeypatch)
    room.write("x" * 60)
    room.sizes.require_reserve(room.replica, 40)
    with pytest.raises(TooLarge):
        room.sizes.require_reserve(room.replica, 41)
    with pytest.raises(TooLarge):
        room.write("y", reserved=40)
    room = Room(Limits(document_bytes=1000), monkeypatch)
    room.write("x")
    with pytest.raises(TooLarge):
        room.sizes.require_reserve(room.replica, 990)
