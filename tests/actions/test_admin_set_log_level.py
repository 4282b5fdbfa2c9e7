"""The level that is logged at is noted, and then changed."""

from fourhands.actions.admin_set_log_level import set_log_level
from tests.actions.desks import ROOT, desk_of, lines
from tests.house import House


async def test_it_is_changed_and_noted(house: House) -> None:
    levels: list[str] = []
    desk = desk_of(house, levels=levels)
    await set_log_level(house.place, desk, ROOT, "debug")
    assert (levels, desk.dial.level) == (["debug"], "debug")
    assert await lines(house) == [("admin.log_level", "root", "debug")]
