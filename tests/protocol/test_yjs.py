"""Updates as the real Yjs makes them: none is taken for damaged, and what they hold comes in.

`tests/protocol/yjs/write.mjs` wrote them.
"""

import json
from pathlib import Path

import pytest
from pycrdt import Doc

from fourhands.model.limits import Limits
from fourhands.protocol.split import split
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import read_state_vector
from fourhands.protocol.walk import walk
from fourhands.room.document import Document

UPDATES = {name: bytes.fromhex(written) for name, written in json.loads((Path(__file__).parent / "yjs" / "updates.json").read_text()).items()}
WHOLE = ["everything, whole", "everything, collected", "nothing", "merged in disorder", "undo, whole"]


def part(name: str) -> list[bytes]:
    return [update for key, update in UPDATES.items() if key.startswith(f"{name}, edit")]


@pytest.mark.parametrize("name", UPDATES)
def test_no_update_of_yjs_is_refused(name: str) -> None:
    update = UPDATES[name]
    everything = dict.fromkeys((4294967295, *range(7, 13)), 1 << 40)
    assert split(walk(update), everything).rest == EMPTY_UPDATE
    Document(Limits()).apply(update)


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_state_comes_in_whole(name: str) -> None:
    document, plain = Document(Limits()), Doc()
    document.apply(UPDATES[name])
    plain.apply_update(UPDATES[name])
    assert list(document.waiting) == []
    assert read_state_vector(document.state_vector()) == read_state_vector(plain.get_state())


@pytest.mark.parametrize("name", ["everything", "undo"])
def test_edits_one_by_one_are_the_whole_also_backwards(name: str) -> None:
    whole = Document(Limits())
    whole.apply(UPDATES[f"{name}, whole"])
    for edits in (part(name), part(name)[::-1]):
        document = Document(Limits())
        for update in edits:
            document.apply(update)
        if name == "undo":
            document.apply(UPDATES["undo, whole"])  # the other's edit came to this page by another way
        assert list(document.waiting) == []
        assert document.state_vector() == whole.state_vector()


def test_a_gap_that_yjs_keeps_open_closes_here_too() -> None:
    document = Document(Limits())
    document.apply(UPDATES["merged with a gap"])
    assert len(document.waiting) == 1
    document.apply(UPDATES["merged in disorder"])
    assert list(document.waiting) == []


@pytest.mark.parametrize("name", ["state with something pending", "state with a deletion pending"])
def test_what_somebody_wrote_beside_a_gap_comes_in_at_once(name: str) -> None:
    document = Document(Limits())
    document.apply(UPDATES[name])
    own = {8, 10} & read_state_vector(document.state_vector()).keys()
    assert own, "their own words do not wait for others"
    assert document.waiting
    document.apply(UPDATES["merged in disorder"])
    assert list(document.waiting) == []
