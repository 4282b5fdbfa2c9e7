"""A look into Yjs updates: what they delete."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Text

from fourhands.errors import InvalidRequest
from fourhands.protocol.steps import finish
from fourhands.protocol.update import deletes_only, read_delete_set, read_ranges, read_state_vector
from fourhands.protocol.varint import write_varuint

Ranges = Mapping[int, list[tuple[int, int]]]

ranges = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 4)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=5).map(sorted)
delete_sets = st.dictionaries(st.integers(1, 3), ranges, max_size=3)


def clocks(deletes: Ranges) -> set[tuple[int, int]]:
    """Every deleted clock by itself: the plain meaning of a delete set."""
    return {(client, clock) for client, found in deletes.items() for start, end in found for clock in range(start, end)}


def write_delete_set(deletes: Ranges) -> bytes:
    parts = [b"\x00", write_varuint(len(deletes))]
    for client, found in deletes.items():
        parts += [write_varuint(client), write_varuint(len(found))]
        parts += [write_varuint(start) + write_varuint(end - start) for start, end in found]
    return b"".join(parts)


@given(delete_sets)
def test_a_delete_set_is_read(deletes: Ranges) -> None:
    written = write_delete_set(deletes)
    assert read_delete_set(written) == deletes
    assert read_ranges(b".." + written[1:] + b"..", 2) == (deletes, len(written) + 1)


@given(delete_sets, delete_sets)
def test_inclusion_is_that_of_the_single_clocks(part: Ranges, whole: Ranges) -> None:
    assert finish(deletes_only(part, whole)) is (clocks(part) <= clocks(whole))


@given(delete_sets)
def test_a_delete_set_includes_itself(deletes: Ranges) -> None:
    assert finish(deletes_only(deletes, deletes))


def test_a_real_deletion_is_read() -> None:
    doc = Doc(client_id=5)
    text = doc.get("t", type=Text)
    text.insert(0, "hello")
    del text[1:3]
    assert read_delete_set(doc.get_update(doc.get_state())) == {5: [(1, 3)]}
    assert read_state_vector(doc.get_state()) == {5: 5}


def test_an_update_with_structs_is_not_looked_into() -> None:
    doc = Doc()
    doc.get("t", type=Text).insert(0, "hello")
    with pytest.raises(InvalidRequest, match="structs"):
        read_delete_set(doc.get_update())


def test_deletions_of_nothing_are_refused() -> None:
    """Yjs throws when it passes them on."""
    with pytest.raises(InvalidRequest, match="cannot be"):
        read_delete_set(b"\x00\x01\x01\x01\x05\x00")


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused_and_nothing_else(data: bytes) -> None:
    for read in (read_delete_set, read_state_vector, lambda data: read_delete_set(b"\x00" + data)):
        try:
            read(data)
        except InvalidRequest:
            continue


def test_bytes_behind_a_state_vector_are_refused() -> None:
    assert read_state_vector(b"\x00") == {}
    with pytest.raises(InvalidRequest, match="left over"):
        read_state_vector(b"\x00\x00")
