"""An update cut into several: all of it, each part built on those before it."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc

from fourhands.protocol.cutting import MOST_CLIENTS_AT_ONCE, MOST_RANGES_AT_ONCE, cut, deletions, pieces, steps
from fourhands.protocol.split import sort, split
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import read_delete_set
from fourhands.protocol.walk import walk
from tests.protocol.test_split import written_by_three
from tests.protocol.updates import letters, section, text_of, update


def test_what_clients_wrote_in_turn_can_be_told_in_order() -> None:
    turns = update(section(1, 0, letters("a"), letters("b", origin=(2, 0))), section(2, 0, letters("c", origin=(1, 0)), letters("d", origin=(1, 1))))
    assert [list(walk(step).sections) for step in steps(walk(turns), {})] == [[1], [2], [1], [2]]
    known: dict[int, int] = {}
    for step in steps(walk(turns), {}):
        part = split(walk(step), known)
        assert part.rest == EMPTY_UPDATE
        known |= part.grown
    assert known == {1: 2, 2: 2}


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32))
def test_pieces_of_an_update_fit_in_their_order(seed: int) -> None:
    _, truth = written_by_three(random.Random(seed))
    state = truth.get_update()
    reader: Doc[Any] = Doc()
    known: dict[int, int] = {}
    for piece in pieces(walk(state), known, 3):
        part = split(walk(piece), known)
        assert part.rest == EMPTY_UPDATE
        known |= part.grown
        reader.apply_update(piece)
    assert (str(text_of(reader)), reader.get_state()) == (str(text_of(truth)), truth.get_state())


def test_a_text_that_replaces_another_goes_to_all_in_one_update() -> None:
    """Nobody sees both texts, or neither."""
    doc: Doc[Any] = Doc()
    text = text_of(doc)
    text += "old " * 3000
    before, clock = doc.get_state(), len(str(text))
    with doc.transaction():
        del text[:]
        text += "new " * 3000
    told = doc.get_update(before)
    found = sort(walk(told), {doc.client_id: clock})
    assert list(cut(told, found, lambda: 256)) == [told]


def test_what_is_small_or_does_not_fit_stays_whole() -> None:
    fits = update(section(1, 0, letters("a"), letters("b", origin=(1, 0))))
    assert pieces(walk(fits), {}, 2) == [fits]
    waits = update(section(1, 0, letters("a"), letters("b", origin=(2, 0))))
    assert pieces(walk(waits), {}, 1) == [waits]
    assert len(pieces(walk(waits), {2: 1}, 1)) == 3, "deletions come last"


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 8), st.integers(0, 3))
def test_parts_of_an_update_are_all_of_it_with_what_waits(seed: int, most: int, known: int) -> None:
    """Also where the reader has a part of it already, and lacks what the first parts build on."""
    updates, truth = written_by_three(random.Random(seed))
    reader: Doc[Any] = Doc()
    reader.apply_update(truth.get_update())
    clocks = dict.fromkeys(range(1, known + 1), 2)
    state = truth.get_update()
    found = sort(walk(state), clocks)
    parts = list(cut(state, found, lambda: most, clocks))
    again: dict[int, int] = dict(clocks)
    deleted: set[tuple[int, int]] = set()
    for part in parts:
        told = split(walk(part), again)
        deleted |= {(client, clock) for client, ranges in told.deletes.items() for start, end in ranges for clock in range(start, end)}
        assert told.rest == EMPTY_UPDATE
        assert told.structs <= most
        again |= told.grown
    assert again == {**clocks, **found.have}
    assert deleted == {(client, clock) for client, ranges in found.now.items() for start, end in ranges for clock in range(start, end)}
    assert updates


def test_what_waits_is_cut_too() -> None:
    waits = update(section(1, 0, letters("a", origin=(2, 0)), *(letters("b", origin=(2, clock)) for clock in range(1, 200))))
    parts = list(cut(waits, sort(walk(waits), {}), lambda: 16))
    assert len(parts) > 1
    assert sum(part.waits for part in (split(walk(part), {}) for part in parts)) == 200


def test_each_part_is_of_few_clients() -> None:
    many = update(*(section(client, 0, letters("a")) for client in range(1, 100)))
    parts = list(cut(many, sort(walk(many), {}), lambda: 1000))
    assert max(len(walk(part).sections) for part in parts) == MOST_CLIENTS_AT_ONCE
    assert sum(len(walk(part).sections) for part in parts) == 99


def test_deletions_are_all_told_once_and_the_first_lie_far_apart() -> None:
    ranges = {1: [(3 * number, 3 * number + 1) for number in range(10_000)], 2: [(0, 1)], 3: [(5, 6), (8, 9)]}
    parts = [read_delete_set(part) for part in deletions(ranges)]
    told = {client: sorted(one for part in parts for one in part.get(client, ())) for client in ranges}
    assert told == ranges
    assert max(sum(map(len, part.values())) for part in parts) == MOST_RANGES_AT_ONCE
    assert parts[0] == {1: [(3 * number, 3 * number + 1) for number in (0, 4096, 8192)]}
