"""The administrator's desk: a room is ended behind a countdown that everybody in it sees, somebody is removed or banned while they are there, and
the server takes in nobody new or sends everybody away.

The countdown takes its time: it begins before the first test, and the last one sees its end.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.e2e.admins import SECRET, log_in, make_admin
from tests.e2e.fixtures import ManyPeople, make_server
from tests.e2e.person import Person
from tests.e2e.room import Room, join_room, open_room
from tests.e2e.test_access import violations
from tests.server import ServerProcess
from tests.wire.test_accounts import account

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

LONG_MILLISECONDS = 60_000
COME_AGAIN = 50


class Desk:
    """A server with an administrator in front of it."""

    def __init__(self, server: ServerProcess, token: str) -> None:
        self.server = server
        self.token = token

    async def open(self, people: ManyPeople, **options: object) -> Page:
        root = await people("Root", **options)
        await log_in(root, self.server, self.token)
        page = await root.go(f"{self.server.url}/admin")
        await expect(page.get_by_role("heading", name="Desk")).to_be_visible()
        return page


@pytest_asyncio.fixture(loop_scope="session")
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    process = make_server(tmp_path / "data", env={"SECRET_KEY": SECRET})
    token = await make_admin(process)
    await asyncio.to_thread(process.start)
    yield Desk(process, token)
    await asyncio.to_thread(process.close)


async def open_row(page: Page, name: str) -> None:
    await page.get_by_role("button", name=re.compile(f"^{name}.*what can be done")).click()


async def come_again(room: Room) -> None:
    """Whoever was banned comes in again: the other instances hear within a second that they may."""
    refused = room.page.get_by_role("heading", name="You may not come in")
    for _ in range(COME_AGAIN):
        await room.page.reload()
        await expect(refused.or_(room.editor)).to_be_visible()
        if await room.editor.is_visible():
            break
    await room.ready()


async def choose(page: Page, group: str, choice: str) -> None:
    await page.get_by_role("radiogroup", name=group).get_by_text(choice, exact=True).click()


@dataclass
class Ending:
    """A room that is being ended: those in it, and the desk."""

    rooms: tuple[Room, Room]
    page: Page


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def ending(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ending]:
    """Two people were told that their room ends, that it goes on, and that it ends, with the time that people are given in life."""
    folder, entered = tmp_path_factory.mktemp("ending") / "data", list[Person]()

    async def people(name: str = "", **options: object) -> Person:
        entered.append(await Person.enter(chromium, name, dict(options)))
        return entered[-1]

    server = make_server(folder, env={"SECRET_KEY": SECRET})
    token = await make_admin(server)
    await asyncio.to_thread(server.start)
    ada = await open_room(await people("Ada"), server)
    lin = await join_room(await people("Lin"), ada.address)
    page = await Desk(server, token).open(people)
    await open_row(page, "Untitled room")

    async def end() -> None:
        await page.get_by_role("button", name="End the room…").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("2 people are in it")
        await dialog.get_by_role("button", name="End the room").click()
        for room in (ada, lin):
            await expect(room.banners).to_contain_text("This room ends in 0:")
            await expect(room.page.get_by_role("timer")).to_be_visible()

    await end()
    assert await violations(ada.page) == []
    await page.get_by_role("button", name="Call it off").click()
    for room in (ada, lin):
        await expect(room.banners).not_to_contain_text("This room ends")
    await ada.write("still here")
    await ada.saved()
    await end()
    yield Ending((ada, lin), page)
    for person in entered:
        await person.leave()
    await asyncio.to_thread(server.close)
    assert [complaint for person in entered for complaint in person.complaints] == []


async def test_a_message_is_text_and_who_is_removed_has_to_leave_while_others_stay(desk: Desk, people: ManyPeople) -> None:
    ada = await open_room(await people("Ada"), desk.server)
    lin = await join_room(await people("Lin"), ada.address)
    page = await desk.open(people)
    await page.get_by_role("tab", name="Server").click()
    await page.get_by_label("A message to everybody in all rooms").fill("Back at <b>six</b>.")
    await page.keyboard.press("Enter")
    await expect(ada.banners).to_contain_text("From the administrator: Back at <b>six</b>.")
    await ada.page.get_by_role("button", name="Put it away").click()
    await expect(ada.banners).not_to_contain_text("From the administrator")
    await page.get_by_role("tab", name="People").click()
    await page.get_by_label("Find somebody by name, room, address or role").fill("lin")
    await open_row(page, "Lin")
    await page.get_by_role("button", name="Remove from the room").click()
    await expect(lin.page.get_by_role("heading", name="You are not in this room any more")).to_be_visible()
    await expect(ada.connection).to_have_text("Connected")


async def test_axe_finds_nothing_on_any_part_of_the_desk(desk: Desk, people: ManyPeople) -> None:
    await open_room(await people("Ada"), desk.server)
    page = await desk.open(people)
    await open_row(page, "Untitled room")
    assert await violations(page) == []
    for part in ("People", "Programs", "Audit log", "Bans", "Server"):
        await page.get_by_role("tab", name=part).click()
        await expect(page.get_by_role("tabpanel", name=part)).to_be_visible()
        assert await violations(page) == [], part


async def test_the_keyboard_alone_goes_through_the_table_and_nobody_else_sees_it(desk: Desk, people: ManyPeople) -> None:
    ada = await people("Ada")
    first = await open_room(ada, desk.server)
    await first.page.goto(desk.server.url)
    await open_room(ada, desk.server)
    page = await desk.open(people)
    rows = page.get_by_role("button", name=re.compile("^Untitled room.*what can be done"))
    await expect(rows).to_have_count(2)
    await rows.first.focus()
    await page.keyboard.press("ArrowDown")
    await expect(rows.nth(1)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="End the room…")).to_be_visible()
    await page.keyboard.press("Home")
    await expect(rows.first).to_be_focused()
    stranger = await (await people("Lin")).go(f"{desk.server.url}/admin")
    await expect(stranger.get_by_role("heading", name="Log in first")).to_be_visible()


async def test_in_maintenance_people_go_on_and_nobody_new_comes_until_it_is_over(desk: Desk, people: ManyPeople) -> None:
    ada = await open_room(await people("Ada"), desk.server)
    page = await desk.open(people)
    await page.get_by_role("tab", name="Server").click()
    await choose(page, "Whom the server takes in", "Maintenance")
    await page.get_by_label("What people are told").fill("Back at six.")
    await page.get_by_role("button", name="Begin maintenance").click()
    await expect(ada.banners).to_contain_text("Back at six.")
    await expect(page.get_by_role("banner")).to_contain_text("Maintenance")
    await ada.write("goes on")
    await ada.saved()
    lin = await people("Lin")
    lin.tolerate("503")
    stranger = await lin.go(ada.address)
    await stranger.get_by_role("button", name="Join").click()
    await expect(stranger.get_by_text("Back at six.")).to_be_visible()
    await choose(page, "Whom the server takes in", "Open")
    await page.get_by_role("button", name="Open it again").click()
    await expect(page.get_by_role("banner")).to_contain_text("Open")
    await stranger.get_by_role("button", name="Join").click()
    await Room(stranger).wait_text("goes on")


async def test_a_drained_server_sends_everybody_away_and_brings_them_back(desk: Desk, people: ManyPeople) -> None:
    ada = await open_room(await people("Ada"), desk.server)
    await ada.write("kept")
    await ada.saved()
    page = await desk.open(people)
    await page.get_by_role("tab", name="Server").click()
    await choose(page, "Whom the server takes in", "Drain")
    await page.get_by_role("button", name="Send everybody away").click()
    await expect(ada.banners).to_contain_text("This server is being stopped")
    await ada.write(" and written meanwhile")
    await choose(page, "Whom the server takes in", "Open")
    await page.get_by_role("button", name="Open it again").click()
    await expect(ada.connection).to_have_text("Connected", timeout=LONG_MILLISECONDS)
    await ada.saved()
    await ada.wait_text("kept and written meanwhile")


async def test_an_account_is_banned_for_an_hour_while_it_is_there(desk: Desk, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    await log_in(lin, desk.server, account(desk.server.url, "lin")[1])
    host = await open_room(ada, desk.server)
    guest = await join_room(lin, host.address)
    page = await desk.open(people)
    await page.get_by_role("tab", name="People").click()
    await open_row(page, "Lin")
    await page.get_by_role("button", name="Ban the account…").click()
    dialog = page.get_by_role("dialog")
    await choose(page, "For how long", "An hour")
    await dialog.get_by_role("button", name="Ban", exact=True).click()
    await expect(guest.page.get_by_role("heading", name="You are not in this room any more")).to_be_visible()
    await expect(host.connection).to_have_text("Connected")
    await page.get_by_role("tab", name="Bans").click()
    let_in = page.get_by_role("button", name=re.compile("^Let in again: "))
    await expect(let_in).to_be_visible()
    assert await violations(page) == []
    await let_in.click()
    await expect(page.get_by_text("Nobody is banned.")).to_be_visible()
    await come_again(guest)


async def test_a_guest_is_banned_from_the_room_for_an_hour_and_is_who_they_were_when_let_in_again(desk: Desk, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), desk.server)
    lin = await people("Lin")
    guest = await join_room(lin, host.address)
    page = await desk.open(people)
    await page.get_by_role("tab", name="People").click()
    await open_row(page, "Lin")
    await page.get_by_role("button", name="Ban from the room…").click()
    await choose(page, "For how long", "An hour")
    assert await violations(page) == []
    await page.get_by_role("dialog").get_by_role("button", name="Ban", exact=True).click()
    await expect(guest.page.get_by_role("heading", name="You are not in this room any more")).to_be_visible()
    await expect(host.connection).to_have_text("Connected")
    lin.tolerate("403")
    await guest.page.reload()
    await expect(guest.page.get_by_text("You are banned from this room until")).to_be_visible()
    await page.get_by_role("tab", name="Bans").click()
    await page.get_by_role("button", name=re.compile("^Let in again: ")).click()
    await expect(page.get_by_text("Nobody is banned.")).to_be_visible()
    await come_again(guest)


async def test_a_countdown_that_nobody_calls_off_ends_the_room(ending: Ending) -> None:
    for room in ending.rooms:
        await expect(room.page.get_by_role("heading", name="This room has ended")).to_be_visible(timeout=LONG_MILLISECONDS)
    await expect(ending.page.get_by_text("No room is in memory")).to_be_visible()
