"""What connections share: tasks whose failures are seen, and one wheel of heartbeats."""

import asyncio
from collections.abc import Generator
from typing import cast

import pytest
from structlog.testing import capture_logs

from fourhands.actions.place import Place
from fourhands.edge.ws import hub as hub_module
from fourhands.edge.ws.hub import Hub
from fourhands.protocol.walk import Walked
from fourhands.room.live import LiveRoom
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


async def test_others_go_on_between_the_steps_of_a_large_update(place: Place) -> None:
    hub = Hub(place, root_path="", own_origin=None, allowed_origins=())
    done = Walked(b"")

    def steps() -> Generator[None, None, Walked]:
        for _ in range(10):
            yield
        return done

    reading = [asyncio.ensure_future(hub.walk(steps())) for _ in range(2)]
    turns = 0
    while not all(task.done() for task in reading):
        turns += 1
        await asyncio.sleep(0)
    assert turns >= 20, "one step of one of them in each turn of the loop"
    assert [task.result() for task in reading] == [done, done]


async def test_what_was_put_off_is_told_once_in_a_moment(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "PUT_OFF_SECONDS", 0.001)
    hub = Hub(place, root_path="", own_origin=None, allowed_origins=())
    told: list[object] = []
    come = asyncio.Event()

    class Told:
        def tell_put_off(self) -> None:
            told.append(self)
            come.set()

    room = cast("LiveRoom", Told())
    for _ in range(2):
        come.clear()
        hub.put_off(room)
        hub.put_off(room)
        await asyncio.wait_for(come.wait(), 5)
    assert told == [room, room]
