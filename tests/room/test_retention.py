"""What is deleted, when, and at what pace."""

from pathlib import Path

from fourhands.model.account import Account, Login
from fourhands.model.audit import SERVER
from fourhands.model.execution import Execution
from fourhands.model.limits import Limits
from fourhands.room.edits import edit
from fourhands.room.retention import DAY_MS, Retention
from tests.house import House, open_house
from tests.room.test_registry import typed

DAYS = 30
DAY = 86_400.0
IDLE = Limits().idle_seconds


class Due:
    """A retention whose rests take no time and are written down."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.rests: list[float] = []
        self.retention = Retention(house.store, house.registry, house.clock, days=DAYS, idle_seconds=IDLE, rest=self._rest)

    async def _rest(self, seconds: float) -> None:
        self.rests.append(seconds)

    async def step(self) -> int:
        return await self.retention.step()


async def there(house: House, *room_ids: str) -> list[bool]:
    return [await house.store.room(room_id) is not None for room_id in room_ids]


async def used(house: House, **wishes: object) -> str:
    """A room that somebody has written into, and that is not in memory."""
    room_id = (await house.open(**wishes)).room.id
    house.clock.pass_seconds(5)
    room, ada, _ = await house.enter(room_id)
    edit(room, ada, typed(room, "hello"), whole=False)
    await house.written()
    return room_id


async def test_rooms_past_their_time_are_deleted_but_not_those_in_memory(house: House) -> None:
    due = Due(house)
    old, live = (await house.open()).room.id, (await house.open()).room.id
    await house.registry.get(live)
    house.clock.pass_seconds(DAYS * DAY)
    new = (await house.open()).room.id
    house.clock.pass_seconds(1)
    assert await due.step() == 1
    assert await there(house, old, live, new) == [False, True, True]


async def test_rooms_that_somebody_is_in_are_in_use(house: House) -> None:
    due = Due(house)
    _, ada, _ = await house.enter(room_id := (await house.open()).room.id)
    house.clock.pass_seconds(DAYS * DAY + 1)
    assert await due.step() == 0
    room = house.registry.live(room_id)
    assert room is not None
    room.leave(ada)
    house.clock.pass_seconds(IDLE)
    await house.registry.sweep()
    house.clock.pass_seconds(DAYS * DAY - IDLE)
    assert await due.step() == 0
    house.clock.pass_seconds(IDLE + 1)
    assert await due.step() == 1


async def test_more_than_a_batch_goes_one_at_a_time_with_rests_between(house: House) -> None:
    due = Due(house)
    for _ in range(120):
        await house.open()
    house.clock.pass_seconds(DAYS * DAY + 1)
    deleting = house.store.delete_room

    async def slowly(room_id: str) -> None:
        house.clock.pass_seconds(2)
        await deleting(room_id)

    house.store.delete_room = slowly  # pyright: ignore[reportAttributeAccessIssue]
    assert await due.step() == 120
    assert len(due.rests) == 120
    assert min(due.rests) > 2 * 9


async def test_ephemeral_rooms_that_a_crash_left_behind_go_once_nobody_came_back(tmp_path: Path) -> None:
    async with open_house(tmp_path) as before:  # it ends like a crash
        left, back, lasting = await used(before, ephemeral=True), await used(before, ephemeral=True), await used(before)
        unused = (await before.open(ephemeral=True)).room.id
    async with open_house(tmp_path) as house:
        due = Due(house)
        assert await due.step() == 0
        await house.enter(back)
        house.clock.pass_seconds(IDLE)
        assert await due.step() == 1
        assert await there(house, left, back, lasting, unused) == [False, True, True, True]


async def test_a_clock_that_jumps_ahead_deletes_nothing_unless_it_stays_there(house: House) -> None:
    due = Due(house)
    room_id = (await house.open()).room.id
    house.clock.pass_seconds(600)
    house.clock.set_ahead(365 * DAY)
    for _ in range(3):
        assert await due.step() == 0
        house.clock.pass_seconds(600)
    house.clock.set_ahead(0)
    assert await due.step() == 0
    house.clock.set_ahead(365 * DAY)
    house.clock.pass_seconds(600)
    assert await due.step() == 0
    house.clock.pass_seconds(DAY)
    assert await due.step() == 1
    assert await there(house, room_id) == [False]


async def test_logins_that_have_ended_go(house: House) -> None:
    now_ms, accounts = house.clock.now_ms(), house.store.accounts
    await accounts.add(Account("ada", "ada", "Ada", "#c2410c", admin=False, created_at_ms=1), None)
    for name, ends_ms in (("over", now_ms - 1), ("good", now_ms)):
        await accounts.add_login(Login(name, "ada", 1, 1, 1, ends_ms))
    await Due(house).step()
    assert (await accounts.login("over"), await accounts.login("good") is not None) == (None, True)


async def test_old_figures_of_runs_go(house: House) -> None:
    now_ms = house.clock.now_ms()
    times = {"old": now_ms - 90 * DAY_MS - 1, "new": now_ms - 90 * DAY_MS}
    await house.store.add_executions([Execution(run, None, None, "python", "server", "ok", 1, 1, 1, at_ms) for run, at_ms in times.items()])
    await Retention(house.store, house.registry, house.clock, days=30, executions_days=90, idle_seconds=IDLE).step()
    assert await house.store.forget_executions(now_ms, 10) == 1


async def test_old_lines_of_the_audit_log_go_and_bans_that_are_over(house: House) -> None:
    retention = Retention(house.store, house.registry, house.clock, days=30, idle_seconds=0, audit_days=180)
    await house.place.audit.note("room.ended", SERVER)
    house.clock.pass_seconds(86_400)
    await house.place.audit.note("room.changed", SERVER)
    await house.place.bans.add("account", "ada", until_ms=house.clock.now_ms() + 1_000)
    await house.place.bans.add("account", "lin")
    house.clock.pass_seconds(179 * 86_400 + 1)
    await retention.step()
    assert [line.what for line in await house.store.audit.oldest(9)] == ["room.changed"]
    assert [ban.subject for ban in await house.store.bans.all()] == ["lin"]
