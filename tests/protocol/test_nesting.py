"""How deep types stand in each other: whatever way they are written, and bounded."""

import pytest
from pycrdt import Array, Doc, Map, Text

from fourhands.errors import TooLarge
from fourhands.protocol.nesting import DEEPEST, MOST_TYPES, Nesting, Stand, stands
from fourhands.protocol.split import split
from fourhands.protocol.steps import finish
from fourhands.protocol.varint import write_varuint
from fourhands.protocol.walk import walk
from tests.protocol.updates import letters, section, update


def inside(client: int, clock: int) -> bytes:
    """A map, under the key k of another."""
    return b"\x27\x00" + write_varuint(client) + write_varuint(clock) + b"\x01k\x01"


AT_THE_TOP = b"\x27\x01\x01m\x01k\x01"


def depths_of(data: bytes, nesting: Nesting) -> dict[tuple[int, int], int]:
    return dict(finish(nesting.measure(split(walk(data), {}).types)))


@pytest.mark.parametrize("client_order", [1, -1])
def test_types_in_each_other_are_counted_in_whatever_order_they_come(client_order: int) -> None:
    sections = [section(1, 0, AT_THE_TOP, inside(2, 0)), section(2, 0, inside(1, 0), inside(1, 1))][::client_order]
    assert depths_of(update(*sections), Nesting()) == {(1, 0): 1, (2, 0): 2, (1, 1): 3, (2, 1): 4}


def test_types_beside_others_are_as_deep_as_they() -> None:
    """Also beside letters, and letters beside letters."""
    array, text = b"\x87\x01\x03\x00", b"\x87\x01\x05\x02"
    data = update(section(1, 0, AT_THE_TOP, inside(1, 0), inside(1, 1), b"\x04\x00\x01\x02\x01a", array, letters("b", origin=(1, 4)), text))
    assert depths_of(data, Nesting()) == {(1, 0): 1, (1, 1): 2, (1, 2): 3, (1, 4): 4, (1, 6): 4}


def test_what_is_beside_something_unknown_may_be_as_deep_as_anything() -> None:
    nesting = Nesting()
    nesting.know({(1, 0): 7})
    beside = Stand((9, 9), beside=True)
    assert finish(nesting.measure({(2, 0): beside, (2, 1): Stand((2, 0))})) == {(2, 0): 8, (2, 1): 9}
    assert finish(nesting.measure({(2, 0): Stand((1, 0), beside=True)})) == {(2, 0): 7}


def test_a_circle_of_what_is_told_differently_now_has_an_end() -> None:
    """Both sections begin with what the document has already, so that their needs are met."""
    beside = update(section(1, 0, b"\x87\x02\x01\x01", letters("ab", origin=(2, 1))), section(2, 0, b"\x87\x01\x01\x01", letters("ab", origin=(1, 1))))
    within = update(section(1, 0, inside(2, 0), inside(2, 0)), section(2, 0, inside(1, 0), inside(1, 0)))
    for data in (beside, within):
        types = split(walk(data), {1: 1, 2: 1}).types
        assert finish(Nesting().measure(types)) is not None
    within = {(1, 0): Stand((2, 0)), (2, 0): Stand((1, 0))}
    assert max(finish(Nesting().measure(within)).values()) < DEEPEST


def test_a_whole_document_is_learnt() -> None:
    doc: Doc[Map[object]] = Doc(client_id=1)
    doc["m"] = Map({"a": Map({"list": Array([Text("x"), 1, Map({"deep": Text("y")}), Text("z")])})})
    state = doc.get_update()
    found = finish(Nesting.of(state, walk(state).sections))
    inner = [finish(found.measure({(2, 0): Stand(clock)}))[2, 0] for clock in finish(stands(state, walk(state).sections))]
    assert sorted(inner) == [2, 3, 4, 4, 4, 5]


def test_so_deep_and_no_deeper() -> None:
    def chain(deep: int) -> bytes:
        return update(section(1, 0, AT_THE_TOP, *(inside(1, clock) for clock in range(deep - 1))))

    assert max(depths_of(chain(DEEPEST), Nesting()).values()) == DEEPEST
    with pytest.raises(TooLarge, match="500 deep"):
        depths_of(chain(DEEPEST + 1), Nesting())
    data = chain(DEEPEST + 1)
    nesting = finish(Nesting.of(data, walk(data).sections))  # what was stored stays
    assert finish(nesting.measure({(2, 0): Stand((1, 5))})) == {(2, 0): 7}
    with pytest.raises(TooLarge):
        finish(nesting.measure({(2, 0): Stand((1, DEEPEST))}))


def test_so_many_and_no_more() -> None:
    nesting = Nesting()
    nesting.know(dict.fromkeys(((1, clock) for clock in range(MOST_TYPES - 1)), 1))
    assert finish(nesting.measure({(2, 0): Stand(None)}))
    with pytest.raises(TooLarge, match="131,072 types"):
        finish(nesting.measure({(2, 0): Stand(None), (2, 1): Stand(None)}))
