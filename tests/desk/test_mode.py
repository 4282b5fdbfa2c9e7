"""Whom the server takes in."""

import pytest

from fourhands.desk.mode import DRAINED, MAINTENANCE, Mode
from fourhands.errors import Unavailable
from tests.house import HandClock


def test_an_open_server_takes_everybody_in() -> None:
    mode = Mode(HandClock())
    mode.require_newcomers()
    mode.require_connections()
    mode.require_ready()


def test_in_maintenance_nobody_new_comes_in_and_those_who_are_there_come_back() -> None:
    mode = Mode(HandClock())
    assert mode.set("maintenance")
    with pytest.raises(Unavailable, match=MAINTENANCE):
        mode.require_newcomers()
    mode.require_connections()
    mode.require_ready()


def test_a_server_that_is_drained_takes_nobody() -> None:
    mode = Mode(HandClock())
    mode.set("drain")
    for require in (mode.require_newcomers, mode.require_connections, mode.require_ready):
        with pytest.raises(Unavailable, match=DRAINED):
            require()


def test_what_is_said_may_be_the_operators_own_and_goes_with_the_mode() -> None:
    clock = HandClock()
    mode = Mode(clock)
    clock.pass_seconds(5)
    mode.set("maintenance", "Back at six.")
    with pytest.raises(Unavailable, match="Back at six"):
        mode.require_newcomers()
    began = mode.since_ms
    clock.pass_seconds(5)
    assert not mode.set("maintenance", "Back at seven.")
    assert (mode.since_ms, mode.message) == (began, "Back at seven.")
    assert mode.set("open")
    assert mode.message == ""
    mode.require_newcomers()
