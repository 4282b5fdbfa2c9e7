"""Who is in a room by way of other instances, and whose cursors they are."""

import json

from fourhands.protocol.awareness import GONE, Entry
from fourhands.room.elsewhere import MOST_CURSORS, Elsewhere
from tests.room.screen import somebody

ADA, LIN = somebody("Ada"), somebody("Lin")


def state(member: str) -> bytes:
    return json.dumps({"user": {"id": member}}).encode()


def test_people_are_counted_and_listed_by_instance() -> None:
    elsewhere = Elsewhere()
    elsewhere.put("a", ADA)
    elsewhere.put("b", ADA)
    elsewhere.put("b", LIN)
    elsewhere.count("a", 2)
    elsewhere.count("b", 3)
    assert elsewhere.connections == 5
    elsewhere.remove("a", ADA.id)
    elsewhere.remove("a", ADA.id)
    assert elsewhere.has(ADA.id)
    elsewhere.count("b", 0)
    elsewhere.forget("b")
    assert (list(elsewhere.people()), elsewhere.connections) == ([], 2)


def test_a_cursor_moves_by_its_clock_and_goes_with_its_instance() -> None:
    elsewhere = Elsewhere()
    assert elsewhere.show("a", [Entry(1, 5, state("ada"))]) == [Entry(1, 5, state("ada"))]
    assert elsewhere.show("b", [Entry(1, 5, state("ada"))]) == []  # an echo
    assert elsewhere.show("b", [Entry(1, 6, state("ada"))]) == [Entry(1, 6, state("ada"))]  # she came back elsewhere
    assert elsewhere.show("a", [Entry(1, 7, GONE)]) == []
    assert elsewhere.forget("a") == []
    assert elsewhere.forget("b") == [Entry(1, 7, GONE)]
    assert elsewhere.entries() == []


def test_a_cursor_is_its_members_alone() -> None:
    elsewhere = Elsewhere()
    elsewhere.show("a", [Entry(1, 1, state("ada")), Entry(2, 1, b"[]"), Entry(3, 1, b"{}")])
    assert elsewhere.is_theirs(1, "ada")
    assert not any(elsewhere.is_theirs(client, "lin") for client in (1, 2, 3, 4))


def test_there_are_only_so_many() -> None:
    elsewhere = Elsewhere()
    elsewhere.show("a", [Entry(client, 1, b"{}") for client in range(MOST_CURSORS + 5)])
    assert len(elsewhere.cursors) == MOST_CURSORS
