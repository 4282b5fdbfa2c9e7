"""Deleted neighbours written as one say the same: to who loads them, and to who writes late beside what was joined."""

import random
from typing import Any

import pytest
from pycrdt import Doc, Text

from fourhands.protocol.joining import join_deleted
from fourhands.protocol.structs import Kind
from fourhands.protocol.update import read_state_vector
from fourhands.protocol.walk import walk
from tests.protocol.test_yjs import UPDATES
from tests.protocol.updates import letters, section, update


def join(state: bytes) -> bytes:
    return join_deleted(walk(state))


def pieces(state: bytes) -> int:
    return sum(run.pieces for runs in walk(state).sections.values() for run in runs)


def gone(length: int, left: tuple[int, int], right: tuple[int, int] | None = None) -> bytes:
    """A deleted struct; all numbers are small."""
    return bytes([0x81 if right is None else 0xC1, *left, *(right or ()), length])


class Room:
    """People who write into each other's words and delete most of it again; some are away at times, and hear later."""

    def __init__(self, chance: random.Random, people: int = 3) -> None:
        self.chance = chance
        self.docs: list[Doc[Any]] = [Doc(client_id=client) for client in range(1, people + 1)]
        self.unheard: list[list[bytes]] = [[] for _ in self.docs]
        self.history: list[bytes] = []

    def act(self, who: int, *, hears: bool) -> None:
        doc = self.docs[who]
        if hears:
            self.hear(who)
        text, before = doc.get("t", type=Text), doc.get_state()
        with doc.transaction():
            if len(text) > 30 or (len(text) > 4 and self.chance.random() < 0.3):
                start = self.chance.randrange(len(text) - 3)
                del text[start : start + self.chance.randrange(1, 4)]
            else:
                text.insert(self.chance.randrange(len(text) + 1), self.chance.choice(("a", "bc", "def", "ghijkl")))
        self.history.append(done := doc.get_update(before))
        for other, waits in enumerate(self.unheard):
            if other != who:
                waits.append(done)

    def hear(self, who: int) -> None:
        for one in self.unheard[who]:
            self.docs[who].apply_update(one)
        self.unheard[who].clear()


def loaded(*states: bytes) -> "Doc[Any]":
    doc: Doc[Any] = Doc()
    for state in states:
        doc.apply_update(state)
    return doc


def played(seed: int) -> tuple[Room, bytes]:
    """A room in which the last person has not heard for a while, and the state of the others."""
    room = Room(random.Random(seed))
    for _ in range(400):
        room.act(room.chance.randrange(2), hears=room.chance.random() < 0.7)
        if room.chance.random() < 0.1:
            room.act(2, hears=True)
    for who in range(3):
        room.hear(who)
    for _ in range(100):
        room.act(room.chance.randrange(2), hears=True)
    return room, loaded(*room.history).get_update()


@pytest.mark.parametrize("seed", range(20))
def test_a_joined_state_is_the_same_document(seed: int) -> None:
    room, state = played(seed)
    joined = join(state)
    assert pieces(joined) < pieces(state)
    plain, short = loaded(state), loaded(joined)
    assert str(short.get("t", type=Text)) == str(plain.get("t", type=Text))
    assert read_state_vector(short.get_state()) == read_state_vector(plain.get_state())
    for _ in range(40):  # whoever was away names what stands in the middle of what was joined
        room.act(2, hears=False)
    late = room.history[-40:]
    for doc in (plain, short, *room.docs[:2]):
        for one in late:
            doc.apply_update(one)
    room.hear(0)
    assert str(short.get("t", type=Text)) == str(plain.get("t", type=Text))
    assert join(short.get_update()) == join(plain.get_update()), "also what is deleted stands in the same order"
    back = loaded(*room.history)
    back.apply_update(short.get_update())
    assert str(back.get("t", type=Text)) == str(short.get("t", type=Text))


@pytest.mark.parametrize("seed", range(5))
def test_joining_is_done_once(seed: int) -> None:
    joined = join(played(seed)[1])
    assert join(joined) is joined


@pytest.mark.parametrize("name", UPDATES)
def test_whatever_yjs_writes_comes_to_the_same(name: str) -> None:
    plain, short = loaded(UPDATES[name]), loaded(join(UPDATES[name]))
    assert read_state_vector(short.get_state()) == read_state_vector(plain.get_state())
    assert sorted(join(short.get_update())) == sorted(join(plain.get_update())), "pycrdt writes the keys of values in any order"


def test_what_is_joined_is_the_length_of_all() -> None:
    first = letters("abc")
    state = update(section(1, 0, first, gone(2, (1, 2)), gone(3, (1, 4)), gone(1, (1, 7)), letters("z", origin=(1, 1))), deletes=b"\x01\x01\x01\x03\x06")
    joined = update(section(1, 0, first, gone(6, (1, 2)), letters("z", origin=(1, 1))), deletes=b"\x01\x01\x01\x03\x06")
    assert join(state) == joined
    assert walk(joined).deletes == walk(state).deletes


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(gone(2, (1, 3)), id="it stands in the middle of the one before"),
        pytest.param(gone(2, (2, 4)), id="behind another client's"),
        pytest.param(gone(2, (1, 4), (1, 1)), id="before something else"),
        pytest.param(letters("xy", origin=(1, 4)), id="it lives"),
        pytest.param(bytes([Kind.COLLECTED, 2]), id="it was collected"),
        pytest.param(bytes([0xA1, 1, 4, 2]), id="it is the value of a key"),
    ],
)
def test_what_means_another_place_stays_by_itself(second: bytes) -> None:
    state = update(section(1, 0, letters("abc"), gone(2, (1, 2)), second))
    assert join(state) is state


def test_structs_that_do_not_follow_each_other_stay() -> None:
    state = update(section(1, 5, gone(2, (1, 2)), letters("x", origin=(1, 1)), gone(2, (1, 6))))
    assert join(state) is state
