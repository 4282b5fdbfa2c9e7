"""The real Yjs comes to the same text from an erased history, also where it had the whole one before."""

import random
from typing import Any

import pytest
from pycrdt import Doc

from fourhands.protocol.erasing import erase, joined
from fourhands.protocol.split import write
from fourhands.protocol.update import read_state_vector
from tests.interop.test_yjs_takes_what_we_take import Yjs, yjs
from tests.protocol.test_erasing import spans, written_by
from tests.protocol.test_yjs import UPDATES

__all__ = ["yjs"]


@pytest.mark.parametrize("seed", range(25))
def test_an_erased_history_is_to_yjs_what_it_is_to_us(yjs: Yjs, seed: int) -> None:
    chance = random.Random(seed)
    history = written_by(chance)
    ranges = joined(span for one in history for span in spans(one, chance, 0.3))
    erased = [erase(one, ranges) for one in history]
    deleted = write(b"", {}, {client: list(of_client) for client, of_client in ranges.items()})
    wanted = yjs.after([*history, deleted])
    state: Doc[Any] = Doc()
    for one in erased:
        state.apply_update(one)
    shuffled = chance.sample(erased, len(erased))
    for page in (yjs.after(erased), yjs.after(shuffled), yjs.after([state.get_update()]), yjs.after([*history, state.get_update()])):
        assert (page["thrown"], page["pending"], page["text"], page["again"]) == ([], False, wanted["text"], wanted["text"])
        assert read_state_vector(bytes.fromhex(page["vector"])) == read_state_vector(bytes.fromhex(wanted["vector"]))


@pytest.mark.parametrize("often", [0.3, 2.0])
def test_whatever_yjs_writes_can_be_erased_and_taken_by_it(yjs: Yjs, often: float) -> None:
    chance = random.Random(7)
    for name, written in UPDATES.items():
        ranges = joined(spans(written, chance, often))
        plain, page = yjs.after([written]), yjs.after([erase(written, ranges)])
        assert (page["thrown"], page["pending"], page["vector"]) == (plain["thrown"], plain["pending"], plain["vector"]), name
