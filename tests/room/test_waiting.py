"""What waits, and is woken by the clock that it waits for; `test_document.py` tests it with real edits."""

from fourhands.protocol.split import split
from fourhands.protocol.walk import walk
from fourhands.room.waiting import Waiting

DELETES_FIVE = b"\x00\x01\x07\x01\x05\x01"


def test_what_waits_is_due_when_its_clock_is_there() -> None:
    waiting = Waiting()
    waiting.add(split(walk(DELETES_FIVE), {7: 2}))
    assert (len(waiting), waiting.updates, waiting.size_bytes) == (1, [DELETES_FIVE], len(DELETES_FIVE))
    assert list(waiting.due(7, {7: 5})) == []
    assert list(waiting.due(8, {})) == []
    assert list(waiting.due(7, {7: 6})) == [0]


def test_what_was_woken_sleeps_again_in_its_place_or_is_dropped() -> None:
    waiting = Waiting()
    for _ in range(2):
        waiting.add(split(walk(DELETES_FIVE), {}))
    assert waiting.wake(0) == DELETES_FIVE
    assert list(waiting.due(7, {7: 6})) == [1]
    waiting.add(split(walk(DELETES_FIVE), {}), 0)
    assert sorted(waiting.due(7, {7: 6})) == [0, 1]
    waiting.wake(1)
    waiting.drop(1)
    assert (waiting.updates, list(waiting.due(7, {7: 6}))) == ([DELETES_FIVE], [0])
