"""Somebody sets the clock on the wall while people write, or between two starts."""

from pathlib import Path

import pytest

from fourhands.errors import Unauthenticated
from fourhands.model.clock import SystemClock
from fourhands.model.entry import EntryKind
from fourhands.room.chat import say
from fourhands.room.edits import edit
from tests.house import House, open_house
from tests.room.test_registry import typed

HOUR = 3600.0


async def write(house: House, room_id: str, clocks: tuple[float, ...]) -> None:
    """Edits and chat, each at another setting of the clock."""
    room, ada, _ = await house.enter(room_id)
    for ahead in clocks:
        house.clock.set_ahead(ahead)
        house.clock.pass_seconds(1)
        edit(room, ada, typed(room, "x"), whole=False)
        say(room, ada, "Hello", None)
    await house.written()
    room.leave(ada)


async def times(house: House, room_id: str) -> list[int]:
    return [entry.at_ms for entry in await house.store.entries(room_id, 0, 1000)]


async def test_a_room_has_one_order_of_time(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        room_id = (await house.open()).room.id
        await write(house, room_id, (0, -HOUR, HOUR, 0, -2 * HOUR))
    async with open_house(tmp_path) as house:  # its clock is behind what was written
        await write(house, room_id, (-HOUR, 0, 2 * HOUR))
        at_ms = await times(house, room_id)
        assert len(at_ms) > 16
        assert at_ms == sorted(at_ms)
        tail = await house.store.tail(room_id, EntryKind.CHAT, 100)
        assert [entry.position for entry in tail] == sorted(entry.position for entry in tail)
        assert await house.text(room_id) == "x" * 8


async def test_a_token_runs_out_though_the_clock_is_set_back_meanwhile(house: House) -> None:
    wall_ms, steady = [1_700_000_000_000], [0.0]
    clock = SystemClock(lambda: wall_ms[0] * 1_000_000, lambda: steady[0])
    tokens = house.place.tokens
    token = tokens.issue("room", "ada", clock.now_ms())
    wall_ms[0] -= int(HOUR * 1000)
    clock.now_ms()
    steady[0] += tokens.valid_seconds - 1
    wall_ms[0] += int((tokens.valid_seconds - 1) * 1000)
    claims = tokens.read(token, "room", clock.now_ms())
    assert tokens.is_ageing(claims, clock.now_ms())
    steady[0] += 2
    wall_ms[0] += 2000
    with pytest.raises(Unauthenticated):
        tokens.read(token, "room", clock.now_ms())
