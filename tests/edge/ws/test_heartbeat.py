"""The wheel of heartbeats."""

from collections.abc import Callable

import pytest

from fourhands.edge.ws.heartbeat import Wheel
from fourhands.model.limits import Limits


class Beaten:
    def __init__(self) -> None:
        self.beats = 0

    def beat(self) -> None:
        self.beats += 1

    def end_if(self, is_for: Callable[[str, str | None], bool]) -> None: ...


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


class Silent(Beaten):
    """Notes at which turn it is cut, by the rule of `Connection.beat`: nothing came since the last visit."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = True
        self.cut = False

    def beat(self) -> None:
        super().beat()
        self.cut = self.cut or not self.heard
        self.heard = False


def test_half_open_connections_are_noticed_within_30_seconds_by_default() -> None:
    """The network goes right after something was heard, at any moment of the turn; a turn of the wheel takes a second."""
    spokes = round(Limits().heartbeat_seconds)
    for phase in range(spokes):
        wheel, silent = Wheel(spokes), Silent()
        for _ in range(phase):
            wheel.turn()
        wheel.add(silent)
        for _ in range(5 * spokes):
            silent.heard = True
            wheel.turn()
        silent.heard = True
        seconds = 1  # up to one until the next turn
        while not silent.cut:
            wheel.turn()
            seconds += 1
        assert seconds <= 30


def test_everybody_on_it_is_known() -> None:
    wheel, people = Wheel(3), [Beaten() for _ in range(5)]
    for one in people:
        wheel.add(one)
    wheel.remove(people[0])
    assert wheel.all() == people[1:]
