"""Takes the pictures of the README again: `make screenshots`, or `python -m tests.e2e.screenshots [FOLDER]`. It starts a
server and drives the browsers of two people."""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.e2e.fixtures import FLAGS, browser_path, wait_ready
from tests.e2e.person import Person
from tests.e2e.room import Room, join_room, open_room
from tests.server import ServerProcess

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}

PROGRAM = '''\
def two_sum(nums, target):
    """Indices of the two numbers that add up to target."""
    seen = {}
    for i, n in enumerate(nums):
        if target - n in seen:
            return seen[target - n], i
        seen[n] = i


print(two_sum([2, 7, 11, 15], target=9))
print(two_sum([3, 2, 4], target=6))
'''


class Pictures:
    """Takes pictures into a folder."""

    def __init__(self, browser: Browser, server: ServerProcess, folder: Path) -> None:
        self._browser = browser
        self._server = server
        self._folder = folder

    async def person(self, name: str, **options: object) -> Person:
        return await Person.enter(self._browser, name, options)

    async def take(self, page: Page, name: str) -> None:
        """One picture, of what is on the screen."""
        await page.screenshot(path=self._folder / f"{name}.png", animations="disabled", caret="initial")
        print(f"{self._folder / name}.png")

    async def landing(self) -> None:
        somebody = await self.person("")
        page = await somebody.go(self._server.url)
        await expect(page.locator(".demo .cm-content")).to_contain_text("two_sum")
        await self.take(page, "landing")
        await somebody.leave()

    async def rooms(self) -> None:
        ada, lin = await self.person("Ada"), await self.person("Lin", color_scheme="dark")
        host = await open_room(ada, self._server)
        await host.page.get_by_role("button", name="change the title").click()
        await host.page.get_by_label("Title of the room").fill("Two-sum with Ada")
        await host.page.keyboard.press("Enter")
        await self.door(host)
        guest = await join_room(lin, host.address)
        await host.replace(PROGRAM)
        await self.ran(host, guest)
        for picture, seen_by, typed_by in (("room-light", host, guest), ("room-dark", guest, host)):
            await expect(seen_by.notices).to_be_empty()
            await self.move(typed_by)
            await expect(seen_by.page.locator(".fh-named")).to_be_visible()
            await self.take(seen_by.page, picture)
        await self.output(host, guest)
        await self.share(host)
        await guest.page.close()
        await self.phone(host)

    async def door(self, host: Room) -> None:
        somebody = await self.person("Lin")
        page = await somebody.go(host.address)
        await expect(page.get_by_label("Your name")).to_be_focused()
        await self.take(page, "join")
        await somebody.leave()

    async def ran(self, host: Room, guest: Room) -> None:
        """Ada has run the program, and each has the caret where the other sees it."""
        await host.run()
        for room in (host, guest):
            await expect(room.last_run).to_contain_text("Done", timeout=60_000)
            await expect(room.notices).to_be_empty()
        await guest.editor.get_by_text("seen[n] = i").click()
        await host.editor.get_by_text("target - n in seen").click()

    async def move(self, room: Room) -> None:
        """Type, so that the others see whose caret it is, and put away what the editor proposes to complete."""
        await room.page.keyboard.press("Space")
        await room.page.keyboard.press("Backspace")
        await room.page.keyboard.press("Escape")

    async def output(self, host: Room, guest: Room) -> None:
        """A terminal that was typed into, an error, and what the other ran."""
        await guest.replace("name = input('Who is there? ')\nprint(f'Hello, {name}!')\nprint(1 / (len(name) - 3))\n")
        await guest.run()
        await expect(guest.last_run).to_contain_text("Who is there?")
        await expect(guest.last_run.get_by_role("textbox", name="Terminal")).to_be_focused()
        await guest.page.keyboard.type("Ada")
        await guest.page.keyboard.press("Enter")
        await expect(host.last_run).to_contain_text("ZeroDivisionError")
        await expect(host.last_run).to_contain_text("Failed")
        await host.page.keyboard.press("Escape")
        await self.take(host.page, "output")
        await host.replace(PROGRAM)

    async def share(self, host: Room) -> None:
        await host.bar.get_by_role("button", name="Share").click()
        dialog = host.page.get_by_role("dialog", name="Share this room")
        await expect(dialog.get_by_label("To write together", exact=True)).to_be_visible()
        await self.take(host.page, "share")
        await host.page.keyboard.press("Escape")

    async def phone(self, host: Room) -> None:
        lin = await self.person("Lin", **PHONE)
        page = await lin.go(host.address)
        await page.get_by_role("button", name="Join", exact=True).tap()
        await expect(Room(page).editor).to_contain_text("two_sum")
        await expect(Room(page).connection).to_contain_text("Connected")
        await expect(Room(page).editor.locator("span").get_by_text("return", exact=True)).to_be_visible()  # it has its colours
        await host.editor.get_by_text("seen[n] = i").click()
        await self.move(host)
        await expect(page.locator(".fh-named")).to_be_visible()
        await self.take(page, "room-phone")
        await lin.leave()


async def take_all(folder: Path) -> None:
    """Start a server over an empty folder, take every picture, and stop it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        server = ServerProcess(Path(data), env={"FOURHANDS_RUNNER": "child"})
        server.start()
        try:
            wait_ready(server)
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
                pictures = Pictures(browser, server, folder)
                await pictures.landing()
                await pictures.rooms()
                await browser.close()
        finally:
            server.stop()


if __name__ == "__main__":
    expect.set_options(timeout=15_000)
    asyncio.run(take_all(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
