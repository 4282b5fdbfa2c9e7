"""The table of runs that ended: what it says of them, of whom, and for how long."""

from fourhands.model.execution import Execution
from fourhands.model.role import GuestRole
from fourhands.model.room import Room
from fourhands.store.port import Store
from fourhands.store.sql.store import SqlStore
from fourhands.store.sql.tables import executions

A, B = "dddd-dddd-dddd", "eeee-eeee-eeee"


def an_execution(run: str, room: str | None = A, *, at_ms: int = 5) -> Execution:
    return Execution(run, room, None if room is None else "ada", "python", "server", "ok", 15, 12, 4096, at_ms)


async def add_room(store: Store, room_id: str) -> None:
    await store.create_room(Room(room_id, "", "python", GuestRole.EDITOR, False, "e", 1, 1), None, [], [])


async def rows(store: SqlStore) -> list[tuple[str, str | None, str | None]]:
    """Of each run its room and member."""
    columns = executions.c.id, executions.c.room_id, executions.c.member
    found = await store.database.read(lambda connection: connection.execute(executions.select().with_only_columns(*columns).order_by(columns[0])).all())
    return [(row[0], row[1], row[2]) for row in found]


async def test_a_run_is_counted_once(store: SqlStore) -> None:
    await add_room(store, A)
    await store.add_executions([an_execution("1")])
    await store.add_executions([an_execution("1"), an_execution("2", None)])
    await store.add_executions([])
    assert await rows(store) == [("1", A, "ada"), ("2", None, None)]


async def test_nothing_says_whose_runs_were_in_rooms_that_are_gone_or_have_ended(store: SqlStore) -> None:
    for room_id in (A, B):
        await add_room(store, room_id)
    await store.add_executions([an_execution("1", A), an_execution("2", B)])
    await store.delete_room(A)
    await store.end_room(B, 9)
    await store.add_executions([an_execution("3", A), an_execution("4", B)])
    assert await rows(store) == [(run, None, None) for run in "1234"]


async def test_old_ones_are_forgotten_some_at_a_time(store: SqlStore) -> None:
    await store.add_executions([an_execution(str(number), None, at_ms=number) for number in range(5)])
    assert [await store.forget_executions(4, 3) for _ in range(3)] == [3, 1, 0]
    assert [run for run, _, _ in await rows(store)] == ["4"]
