"""So many clients may have written in a document: each load of a page makes a new one."""

import pytest

from fourhands.errors import TooLarge
from fourhands.model.limits import Limits
from fourhands.protocol.varint import write_varuint
from fourhands.room.document import Document
from fourhands.room.replica import Replica
from fourhands.room.sizes import Sizes
from tests.room.restored import restored

MOST = 20


def document() -> Document:
    """Of one client, with three letters at clocks past those of the file."""
    return Document.with_file(Limits(document_clients=MOST), "main.py", "python", "abc")


def letters(first: int, number: int, *, clock: int = 0) -> bytes:
    """An update by so many clients, a letter each."""
    structs = [b"\x01" + write_varuint(client) + write_varuint(clock) + b"\x04\x01\x09file:main\x01x" for client in range(first, first + number)]
    return write_varuint(number) + b"".join(structs) + b"\x00"


def test_the_edge_is_met_exactly_and_who_wrote_before_writes_on() -> None:
    room = document()
    room.apply(letters(100, MOST - 1))
    with pytest.raises(TooLarge, match="20 pages"):
        room.apply(letters(200, 1))
    room.apply(letters(100, 1, clock=1))
    room.apply(b"\x00\x01" + write_varuint(101) + b"\x01\x00\x01")
    assert room.text() == "x" * (MOST - 1) + "abc"


def test_one_update_past_the_edge_changes_nothing() -> None:
    room = document()
    before = room.state()
    with pytest.raises(TooLarge):
        room.apply(letters(100, MOST))
    assert room.state() == before


def test_what_waits_counts_before_it_comes_in() -> None:
    room = document()
    room.apply(letters(100, MOST - 4, clock=1))  # their first letters are not there yet
    with pytest.raises(TooLarge):
        room.apply(letters(300, 4))
    room.apply(letters(300, 2))
    room.apply(letters(100, 1))
    assert room.text().count("x") == 4


def test_what_was_stored_opens_whatever_the_bound_is_now() -> None:
    state = Document.with_file(Limits(), "main.py", "python", "").state()
    room = restored(Limits(document_clients=MOST), state, [letters(100, MOST + 5)])
    assert room.text() == "x" * (MOST + 5)
    room.apply(letters(100, 1, clock=1))
    with pytest.raises(TooLarge):
        room.apply(letters(500, 1))


def test_clients_that_are_known_cost_nothing() -> None:
    sizes = Sizes(Limits(document_clients=2))
    sizes.require_clients({1: 5, 2: 5, 3: 5}, [1, 2, 3], waiting=100)
    assert not Replica().text_bytes()
