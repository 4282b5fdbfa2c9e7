"""The administrator's desk: a room is ended behind a countdown that everybody in it sees, somebody is removed while they are there."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.e2e.admins import SECRET, log_in, make_admin
from tests.e2e.fixtures import ManyPeople
from tests.e2e.room import join_room, open_room
from tests.e2e.test_access import violations
from tests.server import ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

LONG_MILLISECONDS = 45_000


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
    token = await make_admin(tmp_path / "data")
    process = ServerProcess(tmp_path / "data", env={"SECRET_KEY": SECRET})
    await asyncio.to_thread(process.start)
    yield Desk(process, token)
    await asyncio.to_thread(process.stop)


async def open_row(page: Page, name: str) -> None:
    await page.get_by_role("button", name=re.compile(f"^{name}.*what can be done")).click()


async def test_a_room_is_ended_behind_a_countdown_called_off_once_and_completed_once(desk: Desk, people: ManyPeople) -> None:
    ada = await open_room(await people("Ada"), desk.server)
    lin = await join_room(await people("Lin"), ada.address)
    page = await desk.open(people)
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
    for room in (ada, lin):
        await expect(room.page.get_by_role("heading", name="This room has ended")).to_be_visible(timeout=LONG_MILLISECONDS)
    await expect(page.get_by_text("No room is in memory")).to_be_visible()


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


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_on_any_part_of_the_desk(desk: Desk, people: ManyPeople, theme: str) -> None:
    await open_room(await people("Ada"), desk.server)
    page = await desk.open(people, color_scheme=theme)
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
