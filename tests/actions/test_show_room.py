"""What somebody may know of a room."""

import pytest

from fourhands.actions.show_room import show_room
from fourhands.errors import Gone, NotFound
from fourhands.model.room import File
from tests.house import House


async def test_a_stranger_sees_the_room_and_who_is_there_but_no_keys(house: House) -> None:
    opened = await house.open(title="Two sum")
    shown = await show_room(house.place, opened.room.id, None)
    assert (shown.room, shown.people, shown.me, shown.files, shown.keys) == (opened.room, (), None, None, None)
    assert house.registry.live(opened.room.id) is None, "looking loads nothing"
    await house.enter(opened.room.id, "Lin")
    assert [member.name for member in (await show_room(house.place, opened.room.id, None)).people] == ["Lin"]


async def test_a_host_sees_the_keys_and_an_editor_does_not(house: House) -> None:
    opened = await house.open()
    shown = await show_room(house.place, opened.room.id, opened.host.id)
    assert (shown.me, shown.keys) == (opened.host, opened.keys)
    assert shown.files == [File("main", "main.py", "python")]
    _, lin, _ = await house.enter(opened.room.id, "Lin")
    shown = await show_room(house.place, opened.room.id, lin.member.id)
    assert (shown.me, shown.keys) == (lin.member, None)
    assert (await show_room(house.place, opened.room.id, "nobody")).me is None


async def test_there_must_be_a_room(house: House) -> None:
    with pytest.raises(NotFound):
        await show_room(house.place, "aaaa-aaaa-aaaa", None)
    opened = await house.open()
    await house.store.end_room(opened.room.id, 1)
    with pytest.raises(Gone):
        await show_room(house.place, opened.room.id, opened.host.id)
