"""A user id is somebody's alone, on the whole machine."""

import pytest

from fourhands.execution.backends.sandbox import slots as module
from fourhands.execution.backends.sandbox.slots import FIRST_UID, Slots


def test_ids_are_given_once_and_come_back() -> None:
    slots = Slots(privileged=True)
    first, second = slots.take(), slots.take()
    assert first is not None and second is not None and first != second
    assert min(first, second) >= FIRST_UID
    slots.give_back(first)
    assert slots.take() == first
    slots.close()


def test_two_servers_of_a_machine_share_none() -> None:
    ours, theirs = Slots(privileged=True), Slots(privileged=True)
    taken = [ours.take() for _ in range(3)] + [theirs.take() for _ in range(3)]
    assert len(set(taken)) == 6
    ours.close()
    theirs.close()


def test_who_is_not_root_stays_who_they_are() -> None:
    slots = Slots(privileged=False)
    assert slots.take() is None
    slots.give_back(None)
    assert slots.take() is None


def test_when_all_are_taken_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UIDS", 2)
    monkeypatch.setattr(module, "FIRST_UID", 3_000_000_000)
    slots = Slots(privileged=True)
    slots._next = 3_000_000_000
    assert slots.take() != slots.take()
    with pytest.raises(RuntimeError, match="2 user ids"):
        slots.take()
    slots.close()
