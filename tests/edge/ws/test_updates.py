"""Which updates are taken at once, and what becomes of those of people who may not edit."""

import dataclasses
from pathlib import Path

import pytest

from fourhands.edge.ws.updates import AT_ONCE_BYTES, in_steps, take_at_once
from fourhands.errors import InvalidRequest
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from fourhands.protocol.steps import finish
from fourhands.protocol.sync import Kind
from fourhands.room.pace import Pace, connection_rates
from tests.house import House, open_house
from tests.room.pages import Page, room_of
from tests.room.test_edits import scattered


def pace_of(house: House) -> Pace:
    return Pace(connection_rates(Limits(), house.clock))


async def test_small_ones_at_once_and_large_ones_in_steps(quick_dir: Path) -> None:
    async with open_house(quick_dir) as house:
        room, ada, _ = await house.enter(await room_of(house), "Ada")
        page, pace = Page(1, room.document.state()), pace_of(house)
        small, large = page.type("small "), page.type("x" * AT_ONCE_BYTES)
        assert take_at_once(room, ada, small, pace, whole=True)
        assert not take_at_once(room, ada, large, pace, whole=True)
        assert room.document.text() == "small "
        finish(in_steps(room, ada, large, whole=True))
        assert room.document.text() == str(page.text)
        assert ada.received == 2


async def test_of_small_ones_those_that_take_long_are_left_too(quick_dir: Path) -> None:
    async with open_house(quick_dir) as house:
        room, ada, _ = await house.enter(await room_of(house), "Ada")
        update = scattered(1000)
        assert len(update) <= AT_ONCE_BYTES
        assert not take_at_once(room, ada, update, pace_of(house), whole=True)
        assert (room.document.text(), ada.received) == ("", 0)


async def test_the_time_counts_also_for_what_is_refused(quick_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_house(quick_dir) as house:
        room, ada, _ = await house.enter(await room_of(house), "Ada")
        pace, worked = pace_of(house), list[float]()
        monkeypatch.setattr(Pace, "worked", lambda _, seconds: worked.append(seconds))
        with pytest.raises(InvalidRequest):
            take_at_once(room, ada, b"rubbish", pace, whole=False)
        assert len(worked) == 1


@pytest.mark.parametrize("large", [False, True])
async def test_a_viewer_is_answered(quick_dir: Path, large: bool) -> None:
    async with open_house(quick_dir) as house:
        room, lin, screen = await house.enter(await room_of(house), "Lin", Role.VIEWER)
        update = Page(1, room.document.state()).type("x" * (AT_ONCE_BYTES if large else 1))
        if large:
            finish(in_steps(room, lin, update, whole=False))
        else:
            assert take_at_once(room, lin, update, pace_of(house), whole=False)
        assert [message.kind for message in screen.messages][-3:-1] == [Kind.AUTH, Kind.EVENT]
        assert (room.document.text(), lin.received) == ("", 1)


async def test_whoever_may_edit_no_more_is_refused_the_rest(quick_dir: Path) -> None:
    async with open_house(quick_dir) as house:
        room, ada, screen = await house.enter(await room_of(house), "Ada")
        update = Page(1, room.document.state()).type("x" * 100_000)
        taking = in_steps(room, ada, update, whole=False)
        next(taking)
        room.member_changed(dataclasses.replace(ada.member, role=Role.VIEWER))
        finish(taking)
        assert screen.events("error")[-1]["sync"] == 1
        assert ada.received == 1
