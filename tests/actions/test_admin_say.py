"""What an administrator says is shown to those whom it is for."""

import pytest

from fourhands.actions.admin_say import say
from fourhands.errors import InvalidRequest, NotFound
from tests.actions.desks import ROOT, desk_of, lines
from tests.house import House


async def test_a_room_hears_it_and_no_other(house: House) -> None:
    desk, one, two = desk_of(house), (await house.open()).room.id, (await house.open()).room.id
    _, _, ada = await house.enter(one)
    _, _, plain = await house.enter(one, "Lin", events=False)
    _, _, eve = await house.enter(two, "Eve")
    assert await say(house.place, desk, ROOT, " Back\nat  six. ", one) == 1
    assert [event["text"] for event in ada.events("notice")] == ["Back at six."]
    assert (plain.events(), eve.events("notice")) == ([], [])
    assert await lines(house) == [("admin.message", "root", one)]


async def test_everybody_hears_it(house: House) -> None:
    desk = desk_of(house)
    screens = [(await house.enter((await house.open()).room.id))[2] for _ in range(60)]
    assert await say(house.place, desk, ROOT, "Hello") == 60
    assert all(len(screen.events("notice")) == 1 for screen in screens)


async def test_nothing_is_no_message_and_no_room_hears_none(house: House) -> None:
    desk = desk_of(house)
    with pytest.raises(InvalidRequest):
        await say(house.place, desk, ROOT, "\u200b")
    with pytest.raises(NotFound):
        await say(house.place, desk, ROOT, "Hello", "aaaa-bbbb-cccc")
    assert await lines(house) == []
