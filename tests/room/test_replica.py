"""pycrdt's copy: what it holds, and what is told of a failure inside."""

import pytest
from pycrdt import Doc, Map, Text

from fourhands.errors import InvalidRequest
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.room.replica import DocumentBroken, Replica, first_state

LETTER = b"\x01\x01\x09\x00\x04\x01\x01t\x02ab\x00"
IN_A_LETTER = b"\x01\x01\x08\x00\x24\x00\x09\x00\x01k\x01x\x00"


def of(update: bytes) -> Replica:
    replica = Replica()
    replica.apply([update])
    return replica


def test_a_first_state_has_one_file() -> None:
    replica = of(first_state("main", "m.py", "python", "hü"))
    assert (replica.text("main"), replica.text("other"), replica.text_bytes()) == ("hü", "", {"file:main": 3})
    assert (replica.file_ids(), replica.files("name", "odd")) == (["main"], {"main": ["m.py", None]})


def test_a_change_is_what_was_not_known() -> None:
    replica = Replica()
    state = first_state("main", "m.py", "python", "x")
    assert replica.change(state) == replica.state()
    assert replica.change(state) == EMPTY_UPDATE


def test_bytes_of_files_are_told_whatever_they_were_made_as() -> None:
    doc: Doc[Map[int] | Text] = Doc()
    doc["file:odd"] = Map({"a": 1})
    doc["board"] = Text("not a file's")
    assert of(doc.get_update()).text_bytes() == {"file:odd": 0}


def test_types_and_what_was_deleted_may_hold_something_and_letters_may_not() -> None:
    replica = of(LETTER)
    assert not replica.may_hold(9, 0)
    assert not replica.may_hold(9, 1)
    replica.apply([b"\x00\x01\x09\x01\x00\x01"])
    assert replica.may_hold(9, 0)
    assert not replica.may_hold(9, 1)
    replica.apply([b"\x01\x01\x07\x00\x27\x01\x01m\x01k\x01\x00"])  # a map in the map m
    assert replica.may_hold(7, 0)


def test_one_update_that_is_none_is_refused_and_one_of_several_breaks_the_document() -> None:
    with pytest.raises(InvalidRequest):
        Replica().apply([b"\x01"])
    with pytest.raises(DocumentBroken):
        Replica().apply([LETTER, b"\x01"])


def test_what_pycrdt_panics_on_breaks_the_document() -> None:
    with pytest.raises(DocumentBroken):
        of(LETTER).apply([IN_A_LETTER])


def test_a_state_vector_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="Cannot"):
        Replica().state(b"\xff\xff")
