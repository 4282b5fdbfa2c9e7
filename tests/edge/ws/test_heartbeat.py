"""The wheel of heartbeats."""

import pytest

from fourhands.edge.ws.heartbeat import Wheel


class Beaten:
    def __init__(self) -> None:
        self.beats = 0

    def beat(self) -> None:
        self.beats += 1


@pytest.mark.parametrize("spokes", [1, 3, 20])
def test_everyone_is_visited_once_a_round_and_the_work_is_spread(spokes: int) -> None:
    wheel, people = Wheel(spokes), [Beaten() for _ in range(4 * spokes)]
    for one in people:
        wheel.add(one)
    for _ in range(spokes):
        before = sum(one.beats for one in people)
        wheel.turn()
        assert sum(one.beats for one in people) - before == 4
    assert {one.beats for one in people} == {1}


def test_who_has_left_is_visited_no_more() -> None:
    wheel, left, here = Wheel(1), Beaten(), Beaten()
    wheel.add(left)
    wheel.add(here)
    wheel.remove(left)
    wheel.remove(left)
    assert len(wheel) == 1
    wheel.turn()
    assert (left.beats, here.beats) == (0, 1)


def test_somebody_may_leave_while_the_wheel_turns() -> None:
    wheel = Wheel(1)

    class Leaving(Beaten):
        def beat(self) -> None:
            super().beat()
            wheel.remove(self)

    people = [Leaving() for _ in range(3)]
    for one in people:
        wheel.add(one)
    wheel.turn()
    wheel.turn()
    assert [one.beats for one in people] == [1, 1, 1]
