"""Programs that no room ran are counted once, however they end."""

import contextlib
from collections.abc import AsyncIterator

import pytest

from fourhands.actions.count_run import counted
from fourhands.execution.executor import AdmittedRun
from fourhands.execution.port import Error, Event, Exit, Job, Stage
from fourhands.model.execution import Execution
from tests.house import House


class Told(AdmittedRun):
    """A run that says what it is told to."""

    def __init__(self, *events: Event) -> None:
        self.job = Job(id="r1", language="c")
        self._events = events

    async def __aiter__(self) -> AsyncIterator[Event]:
        for event in self._events:
            yield event


def heard_by(house: House) -> list[Execution]:
    heard: list[Execution] = []
    house.registry.executions.heard = heard.append
    return heard


COMPILED = Exit(stage="compile", status="ok", code=0)
ENDED = Exit(stage="run", status="error", code=1, cpu_ms=3, wall_ms=7, memory_bytes=1000)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((Stage("compile"), COMPILED, Stage("run"), ENDED), ("error", 7, 3, 1000)),
        ((Error(message="Nothing runs here."),), ("unavailable", 0, None, None)),
    ],
)
async def test_what_came_of_it_is_counted_and_nobodys_name(house: House, events: tuple[Event, ...], expected: tuple[object, ...]) -> None:
    heard = heard_by(house)
    assert [event async for event in counted(house.place, Told(*events))] == list(events)
    assert heard == [Execution("r1", None, None, "c", "server", *expected, house.clock.now_ms())]  # pyright: ignore[reportCallIssue]


async def test_a_client_that_goes_in_the_middle_has_stopped_it(house: House) -> None:
    heard = heard_by(house)
    async with contextlib.aclosing(counted(house.place, Told(Stage("run"), ENDED))) as events:
        assert await anext(events) == Stage("run")
        house.clock.pass_seconds(2)
    assert [(one.status, one.duration_ms) for one in heard] == [("stopped", 2000)]
