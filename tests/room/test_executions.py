"""Runs that ended are counted, behind everything else, and none twice."""

from collections.abc import Sequence
from typing import cast

import pytest

from fourhands.errors import Unavailable
from fourhands.model.execution import Execution
from fourhands.room import executions as module
from fourhands.room.executions import Executions
from fourhands.store.port import Store


class Table:
    """What of a store is used; away at times."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.away = False

    async def add_executions(self, ended: Sequence[Execution]) -> None:
        if self.away:
            raise Unavailable("The disk is full.", "database")
        self.rows += [execution.id for execution in ended]


def an_execution(number: int) -> Execution:
    return Execution(str(number), None, None, "python", "server", "ok", 1, 1, 1, 1)


async def test_what_could_not_be_written_waits() -> None:
    table = Table()
    executions = Executions(cast("Store", table))
    table.away = True
    executions.put(an_execution(1))
    with pytest.raises(Unavailable):
        await executions.write()
    table.away = False
    executions.put(an_execution(2))
    await executions.write()
    await executions.write()
    assert table.rows == ["1", "2"]


async def test_only_so_many_wait_and_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    table = Table()
    executions = Executions(cast("Store", table))
    for number in range(5):
        executions.put(an_execution(number))
    await executions.write()
    assert table.rows == ["2", "3", "4"]


async def test_who_listens_hears_of_each_at_once_also_while_the_store_is_away() -> None:
    table, heard = Table(), list[str]()
    table.away = True
    executions = Executions(cast("Store", table))
    executions.heard = lambda execution: heard.append(execution.id)
    executions.put(an_execution(1))
    assert heard == ["1"]
