"""The room's page, as somebody who uses it names its parts, and the ways into it."""

from typing import Any, Self

from playwright.async_api import Locator, Page, expect
from playwright.async_api import TimeoutError as BrowserTimeout

from tests.e2e.person import Person
from tests.proxy import Proxy
from tests.server import ServerProcess

LINES = "(content) => [...content.querySelectorAll('.cm-line')].map((line) => line.textContent).join('\\n')"
"""An editor's text; it holds only what is near the screen, which is all in these tests. Others' carets stand beside it."""

PASTE = """
(content, text) => {
  const clipboardData = new DataTransfer()
  clipboardData.setData('text/plain', text)
  content.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
}
"""

ALLOWED_SECONDS = 30.0


class Room:
    """One room in one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.editor = page.get_by_role("textbox", name="Code editor")
        self.bar = page.get_by_role("banner")
        self.language = self.bar.get_by_role("combobox", name="Language")
        self.output = page.get_by_role("region", name="Output of the runs")
        self.notices = page.get_by_role("status", name="Notices")
        self.banners = page.get_by_role("region", name="State of the room")
        self.connection = page.get_by_test_id("connection")
        self.saving = page.get_by_test_id("saving")

    @property
    def id(self) -> str:
        """The room's code, out of the page's address."""
        return self.page.url.split("/r/")[1].split("#")[0]

    @property
    def address(self) -> str:
        """The page's address without a key."""
        return self.page.url.split("#")[0]

    async def ready(self) -> Self:
        """Until the text can be edited and the server is there."""
        await expect(self.editor).to_be_visible()
        await expect(self.connection).to_have_text("Connected")
        return self

    async def saved(self) -> None:
        """Until the page says that everything is kept."""
        await expect(self.saving).to_have_text("Saved")

    async def text(self) -> str:
        """What stands in the editor."""
        return await self.editor.evaluate(LINES)

    async def wait_text(self, wanted: str) -> None:
        """Until this stands in the editor."""
        await self.wait_for("(text, wanted) => text === wanted", wanted)

    async def wait_for(self, test: str, wanted: Any) -> None:
        """Until `test(text, wanted)` is true in the page. Raises `AssertionError` with the text as it is."""
        content = await self.editor.element_handle()
        try:
            await self.page.wait_for_function(
                f"([content, wanted]) => ({test})(({LINES})(content), wanted)", arg=[content, wanted], timeout=ALLOWED_SECONDS * 1000
            )
        except BrowserTimeout:
            raise AssertionError(f"waited for {wanted!r}, but the text is {await self.text()!r}") from None

    async def noticed(self, text: str) -> None:
        """Until a notice says this, or has said it since the page was loaded."""
        try:
            await self.page.wait_for_function("(text) => self.noticed.some((notice) => notice.includes(text))", arg=text)
        except BrowserTimeout:
            raise AssertionError(f"no notice said {text!r}, but {await self.page.evaluate('self.noticed')}") from None

    async def write(self, text: str) -> None:
        """Put this at the end of the text, a line at once; where keys are what matters, tests press them (`page.keyboard.type`)."""
        await self.editor.press("Control+End")
        for number, line in enumerate(text.split("\n")):
            if number:
                await self.page.keyboard.press("Enter")
            if line:
                await self.page.keyboard.insert_text(line)

    async def replace(self, text: str) -> None:
        """Put this in the place of all text, at one go, by pasting."""
        await self.editor.press("Control+a")
        await self.page.keyboard.press("Delete")
        await self.editor.evaluate(PASTE, text)
        lines = text.split("\n")
        await expect(self.page.get_by_role("contentinfo", name="Status")).to_contain_text(f"Ln {len(lines)}, Col {len(lines[-1]) + 1}")

    async def choose_language(self, name: str) -> None:
        """Choose the language by its name."""
        await self.language.select_option(label=name)

    async def run(self) -> Locator:
        """Press Run; the card of the run, which is the newest."""
        before = await self.output.get_by_role("article").count()
        await self.bar.get_by_role("button", name="Run").click()
        await expect(self.output.get_by_role("article")).to_have_count(before + 1)
        return self.last_run

    @property
    def last_run(self) -> Locator:
        """The newest run, whoever ran it."""
        return self.output.get_by_role("article").last

    async def show(self, pane: str) -> Locator:
        """Choose a pane by its tab; the pane."""
        await self.page.get_by_role("tab", name=pane).click()
        return self.page.get_by_role("tabpanel", name=pane)

    async def links(self) -> dict[str, str]:
        """The invitation links by role; hosts alone have them."""
        answer = await self.page.evaluate("(id) => fetch(`/api/rooms/${id}`).then((answer) => answer.json())", self.id)
        return answer["links"]

    async def end(self) -> None:
        """End the room for everyone, as a host may."""
        await (await self.show("People")).get_by_role("button", name="End the room for everyone…").click()
        await self.page.get_by_role("dialog").get_by_role("button", name="End the room").click()
        await expect(self.page.get_by_role("heading", name="This room has ended")).to_be_visible()

    async def choose_setting(self, group: str, choice: str) -> None:
        """Choose one of a group in the settings dialog, such as Keys: Vim."""
        await self.page.get_by_role("navigation", name="Panels").get_by_role("button", name="Settings").click()
        dialog = self.page.get_by_role("dialog", name="Settings")
        await dialog.get_by_role("radiogroup", name=group).get_by_text(choice, exact=True).click()
        await expect(dialog.get_by_role("radio", name=choice, exact=True)).to_be_checked()
        await self.page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()


async def open_room(person: Person, server: ServerProcess | Proxy) -> Room:
    """Open a room from the first page, with one press."""
    page = await person.go(server.url)
    await page.get_by_role("button", name="Open a room").click()
    return await Room(page).ready()


async def join_room(person: Person, address: str, *, name: str | None = None) -> Room:
    """Come in by an address, give a name at the door (the remembered one, if none is given), and wait until inside."""
    page = await person.go(address)
    if name is not None:
        await page.get_by_label("Your name").fill(name)
    await page.get_by_role("button", name="Join", exact=True).click()
    return await Room(page).ready()
