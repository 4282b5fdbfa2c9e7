"""Maintenance is told to everybody who is in a room; a drained server sends them away, to come back."""

import pytest

from fourhands.actions.admin_set_mode import ENDS, STARTS, set_mode
from fourhands.errors import Unavailable
from fourhands.protocol.close import CloseCode
from tests.actions.desks import ROOT, desk_of, lines
from tests.house import House


async def test_maintenance_is_announced_and_its_end_too(house: House) -> None:
    desk = desk_of(house)
    _, _, screen = await house.enter((await house.open()).room.id)
    await set_mode(house.place, desk, ROOT, "maintenance")
    with pytest.raises(Unavailable):
        await house.open()
    await set_mode(house.place, desk, ROOT, "maintenance", "Until six.")
    await set_mode(house.place, desk, ROOT, "open")
    assert [event["text"] for event in screen.events("notice")] == [STARTS, "Until six.", ENDS]
    assert screen.closed is None
    assert [on for _, _, on in await lines(house)] == ["maintenance", "maintenance", "open"]


async def test_a_drained_server_sends_everybody_away_to_come_back(house: House) -> None:
    desk = desk_of(house)
    rooms = [(await house.open()).room.id for _ in range(30)]
    screens = [(await house.enter(room_id))[2] for room_id in rooms]
    await set_mode(house.place, desk, ROOT, "drain")
    assert {screen.closed and screen.closed[0] for screen in screens} == {CloseCode.RESTART}
    assert all(house.registry.live(room_id) is None for room_id in rooms)
    await set_mode(house.place, desk, ROOT, "open")
    await house.enter(rooms[0])
