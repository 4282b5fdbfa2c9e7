"""An update in two: what fits is told from what waits."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc

from fourhands.protocol.split import Split, split
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import read_state_vector
from fourhands.protocol.walk import walk
from tests.protocol.updates import letters, section, skip, text_of, update, writer


def test_what_fits_passes_as_it_is() -> None:
    doc, sent = writer(5)
    text_of(doc).insert(0, "ab")
    assert split(walk(sent[0]), {}) == Split(sent[0], {5: 2}, EMPTY_UPDATE, (), places=frozenset({("t", "")}), fresh=7, structs=1)
    assert split(walk(sent[0]), {5: 2}) == Split(EMPTY_UPDATE, {}, EMPTY_UPDATE, ())


def test_what_does_not_fit_waits_as_it_is_and_says_for_what() -> None:
    doc, sent = writer(5)
    text_of(doc).insert(0, "a")
    text_of(doc).insert(1, "b")
    del text_of(doc)[0:1]
    assert split(walk(sent[1]), {}) == Split(EMPTY_UPDATE, {}, sent[1], ((5, 0),), 1)
    assert split(walk(sent[2]), {}) == Split(EMPTY_UPDATE, {}, sent[2], ((5, 0),), 1)


def test_a_part_fits_and_a_part_waits() -> None:
    ada, ada_sent = writer(1)
    lin, lin_sent = writer(2)
    for letter in "abc":
        text_of(ada).insert(0, letter)
    text_of(lin).insert(0, "xyz")
    del text_of(lin)[1:2]
    lin.apply_update(ada_sent[2])  # waits there for the two before it, or leaves a gap
    whole = lin.get_update()
    part = split(walk(whole), {1: 1})
    assert part.grown == {2: 3}
    reader: Doc[Any] = Doc()
    reader.apply_update(ada_sent[0])
    reader.apply_update(part.ready)
    assert str(text_of(reader)).replace("a", "") == "xz"
    assert lin_sent


def test_a_gap_inside_an_update_divides_it() -> None:
    """As Yjs writes it for somebody to whom something has not come yet."""
    whole = update(section(7, 0, letters("ab"), skip(2), letters("e", origin=(7, 3))))
    part = split(walk(whole), {})
    assert part.ready == update(section(7, 0, letters("ab")))
    assert part.rest == update(section(7, 4, letters("e", origin=(7, 3))))
    assert set(part.blocks) == {(7, 3)}
    again = split(walk(whole), {7: 4})
    assert (again.ready, again.grown, again.rest) == (update(section(7, 4, letters("e", origin=(7, 3)))), {7: 5}, EMPTY_UPDATE)


def test_what_waits_is_looked_at_again_when_somebody_else_tells_its_first_struct() -> None:
    """It had waited for a neighbour of that one; what stands behind it waits for nothing."""
    part = split(walk(update(section(7, 0, b"\x87\x09\x04\x00", letters("b", origin=(7, 0))))), {})  # a list, and a letter
    assert set(part.blocks) == {(9, 4), (7, 0)}
    assert split(walk(part.rest), {7: 1}).grown == {7: 2}


def test_structs_that_build_on_each_other_in_a_circle_fit_nowhere() -> None:
    circle = update(section(1, 0, letters("a", origin=(2, 0))), section(2, 0, letters("b", origin=(1, 0))))
    part = split(walk(circle), {})
    assert (part.ready, part.grown, part.rest) == (EMPTY_UPDATE, {}, circle)


class Counted(dict[int, int]):
    """A state vector that counts how often it is asked."""

    asked = 0

    def get(self, key: int, default: Any = None) -> Any:
        self.asked += 1
        return super().get(key, default)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_chain_of_clients_is_walked_in_steps_that_grow_with_its_length(backwards: bool) -> None:
    many = 50_000
    order = range(many, 0, -1) if backwards else range(1, many + 1)
    chain = update(*(section(client, 0, letters("a", origin=None if client == many else (client + 1, 0))) for client in order))
    known = Counted()
    part = split(walk(chain), known)
    assert (part.ready, len(part.grown), part.rest) == (chain, many, EMPTY_UPDATE)
    assert known.asked < 10 * many


def test_waiting_for_many_clocks_of_one_client_is_as_cheap() -> None:
    """Each of many sections waits for a clock of one client, and that one stops for each of them."""
    many = 5_000
    waiters = [section(client, 0, letters("a", origin=(1, client - 2))) for client in range(2, many + 2)]
    first = section(1, 0, letters("a"), *(letters("b", origin=(client, 0)) for client in range(2, many + 1)))
    for sections in ([first, *waiters], [*waiters, first], [*reversed(waiters), first]):
        known = Counted()
        part = split(walk(update(*sections)), known)
        assert (part.rest, len(part.grown)) == (EMPTY_UPDATE, many + 1)
        assert known.asked < 20 * many


def test_what_waits_for_many_clocks_of_a_client_names_the_first() -> None:
    deletes = b"\x01\x07\x03" + b"\x05\x01" + b"\x08\x01" + b"\x0b\x01"
    part = split(walk(update(section(1, 0, letters("a", origin=(7, 9))), deletes=deletes)), {7: 2})
    assert (part.blocks, part.waits) == (((7, 5), (1, 0)), 4)


def test_what_stands_in_something_that_the_update_does_not_bring_is_told() -> None:
    nested = b"\x27\x01\x01m\x01k\x01"  # a map, in the map m
    part = split(walk(update(section(1, 0, nested, b"\x24\x00\x01\x00\x01k\x01x", b"\x24\x00\x07\x03\x01k\x01x"))), {7: 4})
    assert (part.types.keys(), part.parents, part.places) == ({(1, 0)}, {(7, 3)}, {("m", "k")})


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_ready_parts_leave_no_gap_and_with_the_rest_they_are_all(seed: int) -> None:
    """Updates of three writers in any order: whatever the order, the ready parts fit, and in the end nothing is left."""
    chance = random.Random(seed)
    updates, truth = written_by_three(chance)
    chance.shuffle(updates)
    known: dict[int, int] = {}
    reader: Doc[Any] = Doc()
    waiting = list(updates)
    while waiting:
        before = len(waiting), dict(known)
        for number, data in enumerate(waiting):
            part = split(walk(data), known)
            if part.ready != EMPTY_UPDATE:
                reader.apply_update(part.ready)
                known.update(part.grown)
            assert read_state_vector(reader.get_state()) == {client: clock for client, clock in known.items() if clock}
            waiting[number] = part.rest
        waiting = [rest for rest in waiting if rest != EMPTY_UPDATE]
        assert (len(waiting), known) != before, "something moves until nothing waits"
    assert str(text_of(reader)) == str(text_of(truth))
    assert known == read_state_vector(truth.get_state())


def written_by_three(chance: random.Random) -> tuple[list[bytes], "Doc[Any]"]:
    docs, updates = [writer(client) for client in (1, 2, 3)], list[bytes]()
    for _ in range(14):
        (doc, sent), (other, _) = chance.sample(docs, 2)
        text, before = text_of(doc), len(sent)
        length = len(str(text))
        match chance.choices(("insert", "delete", "hear"), (5, 3, 3))[0]:
            case "insert":
                text.insert(chance.randrange(length + 1), chance.choice(("x", "yy")))
            case "delete" if length:
                start = chance.randrange(length)
                del text[start : min(length, start + 3)]
            case _:
                doc.apply_update(other.get_update(doc.get_state()))
                continue
        updates += sent[before:]
    truth: Doc[Any] = Doc(client_id=9)
    for doc, _ in docs:
        truth.apply_update(doc.get_update(truth.get_state()))
    return updates, truth
