"""Whoever watches a table hears what has changed since they looked last."""

from collections.abc import AsyncIterator

import pytest

from fourhands.desk import tables
from fourhands.desk.tables import FRESH_SECONDS, Changes, Table
from tests.house import HandClock


class Rows:
    """What a table shows; counts how often it is looked at."""

    def __init__(self, **rows: int) -> None:
        self.rows = rows
        self.scans = 0

    async def scan(self) -> AsyncIterator[tuple[str, int]]:
        self.scans += 1
        for name, value in self.rows.items():
            yield name, value


async def test_first_everything_then_what_changed_and_what_is_gone() -> None:
    clock, rows = HandClock(), Rows(a=1, b=2, c=3)
    table = Table(rows.scan, clock)
    first = await table.changes()
    assert (first.whole, sorted(first.rows), first.gone) == (True, [1, 2, 3], [])
    clock.pass_seconds(FRESH_SECONDS)
    rows.rows = {"a": 1, "b": 22, "d": 4}
    second = await table.changes(first.tick)
    assert (second.whole, sorted(second.rows), second.gone) == (False, [4, 22], ["c"])
    clock.pass_seconds(FRESH_SECONDS)
    third = await table.changes(second.tick)
    assert (third.whole, third.rows, third.gone) == (False, [], [])
    assert await table.changes(first.tick) == Changes(third.tick, False, [22, 4], ["c"]), "somebody else watches more slowly"


async def test_it_is_made_once_for_all_who_ask_at_a_time() -> None:
    clock, rows = HandClock(), Rows(a=1)
    table = Table(rows.scan, clock)
    first = await table.changes()
    assert (await table.changes(first.tick)).rows == []
    assert rows.scans == 1
    clock.pass_seconds(FRESH_SECONDS)
    await table.changes(first.tick)
    assert rows.scans == 2


async def test_nothing_is_looked_at_while_nobody_asks() -> None:
    rows = Rows(a=1)
    Table(rows.scan, HandClock())
    assert rows.scans == 0


@pytest.mark.parametrize("ahead", [-10_000, 10_000])
async def test_a_tick_of_another_server_brings_everything(ahead: int) -> None:
    clock = HandClock()
    table = Table(Rows(a=1).scan, clock)
    changes = await table.changes(clock.now_ms() + ahead)
    assert (changes.whole, changes.rows) == (True, [1])


async def test_whoever_looked_long_ago_gets_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "GONE_KEPT", 2)
    clock, rows = HandClock(), Rows(a=1, b=2, c=3, d=4)
    table = Table(rows.scan, clock)
    first = await table.changes()
    for name in ("a", "b"):
        del rows.rows[name]
        clock.pass_seconds(FRESH_SECONDS)
        await table.changes()
    assert (await table.changes(first.tick)).gone == ["a", "b"]
    del rows.rows["c"]
    clock.pass_seconds(FRESH_SECONDS)
    late = await table.changes(first.tick)
    assert (late.whole, late.rows, late.gone) == (True, [4], [])


async def test_a_row_that_comes_back_is_there_and_not_gone() -> None:
    clock, rows = HandClock(), Rows(a=1)
    table = Table(rows.scan, clock)
    first = await table.changes()
    rows.rows = {}
    clock.pass_seconds(FRESH_SECONDS)
    await table.changes()
    rows.rows = {"a": 1}
    clock.pass_seconds(FRESH_SECONDS)
    back = await table.changes(first.tick)
    assert (back.rows, back.gone) == ([1], [])
