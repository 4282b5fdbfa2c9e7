"""The machine's clock, and what is told when somebody sets it."""

import random
import time

from fourhands.model.clock import SystemClock

NOON_MS = 1_700_000_000_000
HOUR_MS = 3_600_000


class Machine:
    """A clock on the wall that can be set, beside one that cannot."""

    def __init__(self) -> None:
        self.wall_ms = NOON_MS
        self.steady = 50.0
        self.clock = SystemClock(lambda: self.wall_ms * 1_000_000, lambda: self.steady)

    def pass_ms(self, ms: int) -> None:
        self.wall_ms += ms
        self.steady += ms / 1000


def test_the_clock_tells_milliseconds_since_the_epoch() -> None:
    clock = SystemClock()
    assert abs(clock.now_ms() - time.time() * 1000) < 1000
    first = clock.monotonic()
    assert clock.monotonic() >= first


def test_set_back_it_goes_on_at_its_usual_pace_until_the_machine_has_caught_up() -> None:
    machine = Machine()
    assert machine.clock.now_ms() == NOON_MS
    machine.wall_ms -= HOUR_MS
    assert machine.clock.now_ms() == NOON_MS
    machine.pass_ms(250)
    assert machine.clock.now_ms() == NOON_MS + 250
    machine.pass_ms(250)
    assert machine.clock.now_ms() == NOON_MS + 500
    machine.wall_ms += HOUR_MS
    machine.pass_ms(10)
    assert machine.clock.now_ms() == NOON_MS + 510
    machine.wall_ms -= 5
    assert machine.clock.now_ms() == NOON_MS + 510


def test_set_back_it_goes_on_also_while_nobody_asks() -> None:
    machine = Machine()
    machine.clock.now_ms()
    machine.wall_ms -= HOUR_MS
    machine.clock.now_ms()
    machine.pass_ms(5 * HOUR_MS)
    assert machine.clock.now_ms() == NOON_MS + 5 * HOUR_MS
    machine.wall_ms += 2 * HOUR_MS
    assert machine.clock.now_ms() == NOON_MS + 6 * HOUR_MS


def test_set_forward_it_follows_at_once() -> None:
    machine = Machine()
    machine.clock.now_ms()
    machine.wall_ms += HOUR_MS
    assert machine.clock.now_ms() == NOON_MS + HOUR_MS


def test_it_never_goes_back_however_the_machine_is_set() -> None:
    machine, chance, told = Machine(), random.Random(7), [0]
    for _ in range(5000):
        if chance.random() < 0.1:
            machine.wall_ms += chance.randint(-2 * HOUR_MS, 2 * HOUR_MS)
        machine.pass_ms(chance.randint(0, 2000))
        told.append(machine.clock.now_ms())
    assert told == sorted(told)
