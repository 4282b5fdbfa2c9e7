"""A few connections carry a stopwatch; all others pass without."""

from typing import Any, cast

import pytest

from fourhands.edge.ws.connection import Connection
from fourhands.edge.ws.door import Asked
from fourhands.edge.ws.hub import Hub
from fourhands.edge.ws.sampling import CHOSEN, KNOWN_SECONDS, Sampler, Timed
from tests.actions.conftest import house
from tests.house import House

__all__ = ["house"]


@pytest.fixture
async def hub(house: House) -> Hub:
    return Hub(house.place, root_path="", own_origin=None, allowed_origins=())


def connection(hub: Hub) -> Connection:
    made = Connection(hub, Asked("x", None, None, None, "", events=True))
    hub.add(made)
    return made


def test_a_stopwatch_adds_nothing_to_a_connection() -> None:
    assert (Timed.__basicsize__, Timed.__slots__) == (Connection.__basicsize__, ())


async def test_no_more_than_a_few_are_chosen_and_they_give_their_stopwatches_back(hub: Hub) -> None:
    now = [0.0]
    all_of_them = [connection(hub) for _ in range(3 * CHOSEN)]
    sampler = Sampler(hub, monotonic=lambda: now[0])
    seen: set[Connection] = set()
    for _ in range(200):
        sampler.choose()
        timed = [one for one in all_of_them if type(one) is Timed]
        assert len(timed) == CHOSEN
        seen |= set(timed)
        now[0] += KNOWN_SECONDS
    assert len(seen) > CHOSEN


async def test_connections_of_another_kind_are_left_alone(hub: Hub) -> None:
    class Another(Connection):
        __slots__ = ()

    other = Another(hub, Asked("x", None, None, None, "", events=True))
    hub.add(other)
    Sampler(hub).choose()
    assert type(other) is Another


async def test_a_frame_that_is_no_edit_is_not_measured(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[object] = []
    monkeypatch.setattr(Connection, "on_ws_frame", lambda self, transport, frame: taken.append(frame))
    one = connection(hub)
    Sampler(hub).choose()
    cast("Any", one).on_ws_frame(None, "frame")
    assert taken == ["frame"]
    assert type(one) is Timed
