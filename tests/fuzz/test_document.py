"""Whatever is sent, a room's document takes it or refuses it; what is refused leaves no trace, and what others are told
fits onto what they were told before. `corpus/` keeps what once was taken for something else."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourhands.errors import InvalidRequest, TooLarge
from fourhands.model.limits import Limits
from fourhands.protocol.split import split
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import read_delete_set, read_state_vector
from fourhands.protocol.walk import walk
from fourhands.room.document import PLAIN, Document
from fourhands.room.restoring import shown
from tests.fuzz.adversary import Adversary, everything_deleted
from tests.fuzz.typists import Typist, on_its_way
from tests.room.restored import restored

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.hex"))


class Told:
    """What everybody else was told by a document, and so has."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.clocks = dict(read_state_vector(document.state_vector()))

    def send(self, update: bytes) -> bool:
        """Whether it was taken."""
        before = self._holds()
        try:
            applied = self.document.apply(update)
        except (InvalidRequest, TooLarge):
            assert self._holds() == before
            return False
        for told in [update] if applied is PLAIN else [applied.changed, *applied.woken]:
            part = split(walk(told), self.clocks)
            assert part.rest == EMPTY_UPDATE
            self.clocks |= part.grown
        assert {client: clock for client, clock in self.clocks.items() if clock} == read_state_vector(self.document.state_vector())
        return True

    def _holds(self) -> object:
        """Two encodings of one state may differ in the order of its deletions."""
        vector = self.document.state_vector()
        return read_state_vector(vector), read_delete_set(self.document.state(vector)), self.document.text(), list(self.document.waiting)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(0, 2**32), st.booleans())
def test_an_adversary_is_taken_or_refused(seed: int, two_tongued: bool) -> None:
    chance = random.Random(seed)
    adversary = Adversary(chance, two_tongued=two_tongued)
    told = Told(Document.with_file(Limits(), "main.py", "python", "kept"))
    for _ in range(20):
        told.send(adversary.update())
        adversary.clocks = {client: told.clocks.get(client, 0) for client in adversary.clocks}
    told.send(everything_deleted(told.clocks))
    told.document.text()
    told.document.files()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(0, 2**32), st.booleans())
def test_a_journal_makes_what_the_room_was(seed: int, two_tongued: bool) -> None:
    """Whatever was taken, what stands in the journal makes the same document, and all of it can be replayed."""
    chance = random.Random(seed)
    adversary = Adversary(chance, two_tongued=two_tongued)
    told = Told(Document.with_file(Limits(), "main.py", "python", "kept"))
    first, journal = told.document.state(), list[bytes]()
    for _ in range(20):
        update = adversary.update()
        if told.send(update):
            journal.append(update)
        adversary.clocks = {client: told.clocks.get(client, 0) for client in adversary.clocks}
    assert shown(restored(Limits(), first, journal)) == shown(told.document)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_damage_on_the_way_costs_nobody_a_letter(seed: int) -> None:
    """Two people type; some of it comes damaged. In the end both answer step 1, and the document is theirs merged."""
    chance = random.Random(seed)
    document = Document.with_file(Limits(), "main.py", "python", "")
    told = Told(document)
    typists = [Typist(client, document.state(), chance) for client in (1001, 3_000_000_001)]
    whole = True
    for _ in range(40):
        typist = chance.choice(typists)
        update = typist.act()
        came = on_its_way(update, chance)
        whole = not (told.send(came) and came != update) and whole
    if not whole:  # somebody's words were changed to others under the same clocks: nobody can tell
        return
    for typist in typists:
        told.send(typist.doc.get_update(document.state_vector()))
    for typist in typists:
        typist.hear(document.state())
        assert str(typist.text) == document.text()
    assert list(document.waiting) == []


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_what_once_went_wrong_is_taken_or_refused(path: Path) -> None:
    told = Told(Document.with_file(Limits(), "main.py", "python", "kept"))
    for line in path.read_text().split():
        told.send(bytes.fromhex(line))
    told.send(everything_deleted(told.clocks))
    assert told.document.text() == ""
