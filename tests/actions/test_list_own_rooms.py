"""The list of one's rooms: pages, and a search that reads so many titles at a time."""

from dataclasses import replace

import pytest

from fourhands.access.identity import Identity
from fourhands.actions.list_own_rooms import Page, list_own_rooms
from fourhands.actions.place import Place
from fourhands.errors import InvalidRequest
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Member, Room
from tests.actions.accounts import somebody
from tests.house import House


async def add_rooms(house: House, account_id: str, titles: list[str]) -> None:
    """The first was used last."""
    for number, title in enumerate(titles):
        room = Room(f"room{number:04}", title, "go" if number % 2 else "python", GuestRole.EDITOR, False, "e", 1, 10_000 - number)
        await house.store.create_room(room, Member("ada", room.id, "Ada", "#c2410c", Role.HOST, 1, account_id=account_id), [], [])


async def pages(house: House, who: Identity, search: str = "", limit: int = 2, place: Place | None = None) -> list[list[str]]:
    found, after = [], None
    while True:
        page: Page = await list_own_rooms(place or house.place, who, search=search, archived=False, team_id=None, after=after, limit=limit)
        found.append([room.title for room in page.rooms])
        if (after := page.after) is None:
            return found


async def test_all_come_in_pages(house: House) -> None:
    ada = await somebody(house)
    assert await pages(house, ada) == [[]]
    await add_rooms(house, str(ada.account_id), ["a", "b", "c", "d", "e"])
    assert await pages(house, ada) == [["a", "b"], ["c", "d"], ["e"]]
    assert await pages(house, ada, limit=5) == [["a", "b", "c", "d", "e"]]


async def test_words_are_searched_in_title_and_language(house: House) -> None:
    ada = await somebody(house)
    await add_rooms(house, str(ada.account_id), ["Two Sum", "Three sum", "Straße", "two pointers"])
    assert await pages(house, ada, "SUM", 9) == [["Two Sum", "Three sum"]]
    assert await pages(house, ada, "sum go") == [["Three sum"]]
    assert await pages(house, ada, "STRASSE") == [["Straße"]]
    assert await pages(house, ada, "nothing") == [[]]


async def test_a_search_reads_so_many_at_a_time_and_goes_on(house: House) -> None:
    ada = await somebody(house)
    await add_rooms(house, str(ada.account_id), ["x"] * 5 + ["found"] + ["x"] * 4)
    rules = replace(house.place.accounts.rules, rooms_searched=3)
    place = replace(house.place, accounts=replace(house.place.accounts, rules=rules))
    assert await pages(house, ada, "found", place=place) == [[], ["found"], [], []]


async def test_who_is_connected_is_counted(house: House) -> None:
    ada = await somebody(house)
    await add_rooms(house, str(ada.account_id), ["a", "b"])
    await house.enter("room0000", "Lin")
    page = await list_own_rooms(house.place, ada, search="", archived=False, team_id=None, after=None, limit=9)
    assert (page.here, [room.people for room in page.rooms]) == ({"room0000": 1}, [2, 1])


@pytest.mark.parametrize("after", ["", "x", "é", "MQ==", "eCB5", "LTEgYQ==", "OTk5OTk5OTk5OTk5OTk5OTk5OTkgYQ=="])
async def test_a_mark_that_is_none_is_refused(house: House, after: str) -> None:
    ada = await somebody(house)
    with pytest.raises(InvalidRequest):
        await list_own_rooms(house.place, ada, search="", archived=False, team_id=None, after=after, limit=9)
