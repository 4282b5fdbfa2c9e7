"""Figures are read from what is counted anyway, and kept for an hour."""

from fourhands.desk.figures import KEPT_SECONDS, SAMPLE_SECONDS, Figures
from fourhands.desk.programs import Programs
from fourhands.execution.executor import switched_off
from fourhands.protocol.awareness import Entry, encode
from fourhands.room.cursors import move
from fourhands.room.edits import edit
from tests.house import House
from tests.room.pages import Page, room_of


def figures_of(house: House) -> Figures:
    return Figures(house.registry, Programs(switched_off(), house.clock), house.clock, cpu_seconds=lambda: house.clock.monotonic() / 4)


async def test_people_connections_and_what_they_do(house: House) -> None:
    figures = figures_of(house)
    room_id = await room_of(house)
    room, ada, _ = await house.enter(room_id, "Ada")
    _, lin, _ = await house.enter(room_id, "Lin")
    await house.enter(room_id, "Lin")
    page = Page(1, room.document.state())
    move(room, lin, encode([Entry(7, 1, b"{}")]))
    house.clock.pass_seconds(SAMPLE_SECONDS)
    first = await figures.sample()
    assert (first.rooms, first.people, first.connections, first.cpu_percent) == (1, 2, 3, 25.0)
    for letter in "abcdefghij":
        edit(room, ada, page.type(letter), whole=False)
    for clock in range(2, 7):
        move(room, lin, encode([Entry(7, clock, b"{}")]))
    house.clock.pass_seconds(SAMPLE_SECONDS)
    second = await figures.sample()
    assert (second.edits_per_second, second.messages_per_second) == (2.0, 3.0)
    assert (figures.rate(ada), figures.rate(lin)) == (2.0, 1.0)
    house.clock.pass_seconds(SAMPLE_SECONDS)
    third = await figures.sample()
    assert (third.edits_per_second, third.messages_per_second, figures.rate(ada)) == (0, 0, 0)


async def test_a_cursor_that_says_it_moved_a_million_times_did_not(house: House) -> None:
    figures = figures_of(house)
    room_id = await room_of(house)
    room, ada, _ = await house.enter(room_id, "Ada")
    move(room, ada, encode([Entry(7, 1, b"{}")]))
    await figures.sample()
    move(room, ada, encode([Entry(7, 1_000_000, b"{}")]))
    house.clock.pass_seconds(SAMPLE_SECONDS)
    assert (await figures.sample()).messages_per_second == 0


async def test_a_room_that_leaves_memory_takes_nothing_back(house: House) -> None:
    figures = figures_of(house)
    room_id = await room_of(house)
    room, ada, _ = await house.enter(room_id, "Ada")
    page = Page(1, room.document.state())
    edit(room, ada, page.type("x"), whole=False)
    await figures.sample()
    room.leave(ada)
    await house.written()
    house.clock.pass_seconds(house.limits.idle_seconds)
    await house.registry.sweep()
    sample = await figures.sample()
    assert (sample.rooms, sample.connections, sample.edits_per_second) == (0, 0, 0)


async def test_latencies_of_the_last_minute(house: House) -> None:
    figures = figures_of(house)
    assert (await figures.sample()).commit_p99_ms is None
    for number in range(100):
        figures.committed(number / 1000)
    sample = await figures.sample()
    assert (sample.commit_p50_ms, sample.commit_p99_ms) == (49, 98)


async def test_an_hour_is_kept_and_told_from_any_time_on(house: House) -> None:
    figures = figures_of(house)
    for _ in range(int(KEPT_SECONDS / SAMPLE_SECONDS) + 10):
        house.clock.pass_seconds(SAMPLE_SECONDS)
        await figures.sample()
    samples = figures.samples()
    assert samples[-1].at - samples[0].at == (KEPT_SECONDS - SAMPLE_SECONDS) * 1000
    assert figures.samples(samples[-3].at) == samples[-2:]


async def test_the_probe_is_heard_while_it_runs(house: House) -> None:
    figures = figures_of(house)
    figures.probe._heard(0.004)
    assert (await figures.sample()).edit_p99_ms == 4
