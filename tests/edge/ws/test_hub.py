"""What connections share: tasks whose failures are seen, and one wheel of heartbeats."""

import asyncio

import pytest
from structlog.testing import capture_logs

from fourhands.actions.place import Place
from fourhands.edge.ws.hub import Hub
from tests.actions.conftest import house
from tests.house import House

__all__ = ["house", "place"]


@pytest.fixture
def place(house: House) -> Place:
    return house.place


class Beaten:
    def __init__(self) -> None:
        self.beats = 0

    def beat(self) -> None:
        self.beats += 1


async def test_a_connection_beats_once_a_heartbeat(place: Place) -> None:
    hub = Hub(place, root_path="", own_origin=None, allowed_origins=())
    stays, leaves = Beaten(), Beaten()
    hub.add(stays)
    hub.add(leaves)
    hub.remove(leaves)
    for _ in range(3 * round(place.limits.heartbeat_seconds)):
        hub.beat()
    assert (stays.beats, leaves.beats) == (3, 0)


async def test_a_failure_that_nobody_expected_is_logged(place: Place) -> None:
    hub = Hub(place, root_path="", own_origin=None, allowed_origins=())

    async def fail() -> None:
        raise RuntimeError("unexpected")

    with capture_logs() as logs:
        task = hub.start(fail())
        with pytest.raises(RuntimeError):
            await task
        await asyncio.sleep(0)
    assert [entry["event"] for entry in logs] == ["connection.task_failed"]
