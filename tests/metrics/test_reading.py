"""Metrics are read from what is there."""

import asyncio

import msgspec
import pytest

from fourhands.execution.executor import switched_off
from fourhands.execution.queue import MachineFigures
from fourhands.metrics import catalog, reading
from fourhands.metrics.catalog import CATALOG, Metric
from fourhands.metrics.reading import Reading
from fourhands.metrics.sample import Series, Snapshot
from fourhands.metrics.tally import Tally
from fourhands.room.edits import edit
from tests.house import House
from tests.room.pages import Page, room_of


def reading_of(house: House) -> Reading:
    return Reading(house.registry, house.journal, switched_off(), Tally(), wire_of=lambda peer: None, backlog_bytes=house.journal.left_bytes)


def value(snapshot: Snapshot, metric: Metric, *labels: str) -> float:
    (found,) = [one.value for one in snapshot.series if one.metric == metric.name and one.labels == labels]
    return found


async def test_rooms_people_and_edits(house: House) -> None:
    counters = reading_of(house)
    room_id = await room_of(house)
    room, ada, _ = await house.enter(room_id, "Ada")
    await house.enter(room_id, "Lin")
    await house.enter(room_id, "Lin")
    page = Page(1, room.document.state())
    edit(room, ada, page.type("a"), whole=False)
    told = await counters.take("3")
    assert told.worker == "3"
    assert (value(told, catalog.ROOMS, "occupied"), value(told, catalog.ROOMS, "empty")) == (1, 0)
    assert (value(told, catalog.CONNECTIONS), value(told, catalog.PEOPLE), value(told, catalog.EDITS)) == (3, 2, ada.received)
    assert value(told, catalog.BACKLOG) > 0
    await house.written()
    assert value(await counters.take(), catalog.BACKLOG) == 0


async def test_counters_keep_what_connections_carried_that_are_gone(house: House) -> None:
    counters = reading_of(house)
    room_id = await room_of(house)
    room, ada, _ = await house.enter(room_id, "Ada")
    edit(room, ada, Page(1, room.document.state()).type("a"), whole=False)
    before = value(await counters.take(), catalog.EDITS)
    counters.gone.add(ada.received, None)
    room.leave(ada)
    assert value(await counters.take(), catalog.EDITS) == before > 0


async def test_others_go_on_while_many_connections_are_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PEERS_AT_ONCE", 1)
    one = reading_of(house)
    for _ in range(3):
        await house.enter(await room_of(house))
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    await one.take()
    task.cancel()
    assert turns >= 3


async def test_what_never_happened_is_told_as_none_where_no_label_is_missing(house: House) -> None:
    told = {one.metric for one in (await reading_of(house).take()).series}
    assert told == {
        metric.name
        for metric in CATALOG
        if (not metric.labels and "_bus_" not in metric.name)
        or metric.name in {"fourhands_rooms", "fourhands_programs", "fourhands_queue_programs", "fourhands_build_info"}
    }


async def test_others_add_theirs(house: House) -> None:
    counters = reading_of(house)

    async def more() -> list[Series]:
        return [Series("more", (), 7)]

    counters.more.append(more)
    assert Series("more", (), 7) in (await counters.take()).series


def test_runners_that_fail_have_no_places() -> None:
    figures = MachineFigures(
        name="n",
        host="h",
        ok=True,
        sentence="",
        languages=("c",),
        batch=1,
        batch_slots=4,
        interactive=2,
        interactive_slots=16,
        memory_bytes=5,
        memory_most_bytes=50,
    )
    told = list(reading.runners([figures, figures, msgspec.structs.replace(figures, ok=False)]))
    assert {(one.metric.removeprefix("fourhands_runner"), *one.labels): one.value for one in told} == {
        ("s", "ready"): 2,
        ("s", "failing"): 1,
        ("_places", "batch", "used"): 2,
        ("_places", "batch", "free"): 6,
        ("_places", "interactive", "used"): 4,
        ("_places", "interactive", "free"): 28,
        ("_memory_bytes", "used"): 10,
        ("_memory_bytes", "free"): 90,
    }
