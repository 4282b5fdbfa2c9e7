"""Work in steps: all of them, or so many and not more."""

import pytest

from fourhands.protocol.steps import Steps, TakesSteps, finish


def counting(to: int, ended: list[int]) -> Steps[int]:
    try:
        for _ in range(to):
            yield
        return to
    finally:
        ended.append(to)


def test_what_they_come_to_is_told_at_the_end() -> None:
    assert finish(counting(1000, [])) == 1000
    assert finish(counting(3, []), 4) == 3


def test_more_than_so_many_are_left_and_ended() -> None:
    ended: list[int] = []
    with pytest.raises(TakesSteps):
        finish(counting(4, ended), 4)
    assert ended == [4]
