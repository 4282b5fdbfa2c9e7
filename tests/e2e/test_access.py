"""For those who see, hear or point differently: axe finds nothing on any page in either theme, and the keyboard alone
does the main job."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.fixtures import ManyPeople
from tests.e2e.room import Room, join_room, open_room
from tests.server import ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
FIND = """
async (dark) => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame)
  const changing = document.getAnimations().filter((animation) => animation instanceof CSSTransition)
  await Promise.allSettled(changing.map(({ finished }) => finished))
  const loading = [...document.querySelectorAll('link[rel=stylesheet]')].filter(({ sheet }) => sheet === null)
  const loaded = loading.map((link) => new Promise((done) => { link.onload = link.onerror = done }))
  await Promise.race([Promise.all(loaded), new Promise((done) => setTimeout(done, 10_000))]) // one that failed before says no more
  const rules = dark ? { runOnly: { type: 'rule', values: ['color-contrast'] } } : {}
  const { violations } = await axe.run(document, { iframes: false, preload: false, resultTypes: ['violations'], ...rules })
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) => `${id}${dark}: ${help}: ${target} ${failureSummary}`))
}
"""
"""Style sheets are not preloaded: no rule that is on needs it, and what axe makes of those that it fetches breaks the page's policy."""


async def violations(page: Page) -> list[str]:
    """What axe complains about on the page as it is, and about its colours in the dark: nothing else is different there."""
    if await page.evaluate("typeof window.axe") == "undefined":
        await page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = await page.evaluate(FIND, "")
    await page.emulate_media(color_scheme="dark")
    found += await page.evaluate(FIND, " in the dark")
    await page.emulate_media(color_scheme="null")
    return found


async def test_the_pages_before_a_room(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people()
    page = await lin.go(server.url)
    await expect(page.get_by_role("button", name="Open a room")).to_be_visible()
    await expect(page.locator(".demo .cm-content")).to_be_visible()
    assert await violations(page) == []
    await page.get_by_label("Have a code?").fill("wrong")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("A code has twelve letters and digits")).to_be_visible()
    assert await violations(page) == []
    host = await open_room(ada, server)
    await lin.go(host.address)
    await expect(page.get_by_label("Your name")).to_be_focused()
    assert await violations(page) == []


async def test_the_room_and_its_panels(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    assert await violations(host.page) == []
    guest = await join_room(await people("Lin"), host.address)
    await guest.choose_language("JavaScript")
    await guest.replace("// a comment\nfunction f(a) { return `text ${a}` }\nconsole.log(f(42), /x/.test('x'))\nthrow new Error('as meant')")
    await guest.editor.press("Shift+Control+Home")
    await expect(host.page.locator(".fh-selected").first).to_be_visible()
    await guest.run()
    await expect(host.last_run).to_contain_text("as meant")
    await expect(host.last_run).to_contain_text("Failed")
    assert await violations(host.page) == []
    assert await violations(guest.page) == []
    chat = await guest.show("Chat")
    await chat.get_by_label("Message to everyone").fill("see https://example.org")
    await guest.page.keyboard.press("Enter")
    await expect(chat.get_by_role("log")).to_contain_text("see")
    assert await violations(guest.page) == []
    assert await violations(host.page) == [], "with an unread mark"
    people_pane = await guest.show("People")
    await people_pane.get_by_role("button", name="Change your name and colour").click()
    assert await violations(guest.page) == []


async def test_the_dialogs(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    rail = host.page.get_by_role("navigation", name="Panels")
    for button, title in ((host.bar.get_by_role("button", name="Share"), "Share this room"), (rail.get_by_role("button", name="Settings"), "Settings")):
        await button.click()
        dialog = host.page.get_by_role("dialog", name=title)
        await expect(dialog).to_be_visible()
        await expect(dialog.locator(".skeleton")).to_have_count(0)
        assert await violations(host.page) == []
        await host.page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        await expect(button).to_be_focused()


async def test_what_is_shown_when_something_is_not_as_usual(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, server)
    viewer = await join_room(lin, (await host.links())["viewer"])
    await expect(viewer.banners).to_contain_text("You are viewing.")
    assert await violations(viewer.page) == []
    await ada.context.set_offline(True)
    await expect(host.banners).to_contain_text("your text is safe")
    await host.write("unsent")
    assert await violations(host.page) == []
    await viewer.page.goto(f"{server.url}/r/0000-0000-0000")
    await expect(viewer.page.get_by_role("heading", name="There is no room here")).to_be_visible()
    assert await violations(viewer.page) == []


async def test_the_end_of_a_room_with_text_to_rescue(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, server)
    guest = await join_room(lin, (await host.links())["editor"])
    await lin.context.set_offline(True)
    await expect(guest.banners).to_contain_text("your text is safe")
    await guest.write("unsent")
    await host.end()
    await lin.context.set_offline(False)
    await expect(guest.page.get_by_label("Text that was not sent")).to_be_visible()
    assert await violations(guest.page) == []


async def test_the_keyboard_alone_opens_writes_runs_shares_and_chats(server: ServerProcess, people: ManyPeople) -> None:
    ada = await people("Ada")
    page = await ada.go(server.url)
    keys = page.keyboard
    await tab_to(page, "Open a room")
    await keys.press("Enter")
    room = await Room(page).ready()
    await expect(room.editor).to_be_focused()
    await keys.press("Escape")
    await keys.press("Shift+Tab")
    await expect(room.editor).not_to_be_focused()
    await tab_to(page, "Language", back=True)
    await keys.type("JavaScript")
    await expect(room.language).to_have_value("javascript")
    await tab_to(page, "Code editor")
    await keys.type("console.log('typed')")
    await keys.press("Control+Enter")
    await expect(room.last_run).to_contain_text("typed")
    await keys.press("Control+k")
    await expect(page.get_by_label("Message to everyone")).to_be_focused()
    await keys.type("by keyboard")
    await keys.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("by keyboard")
    await tab_to(page, "Share", back=True)
    await keys.press("Enter")
    dialog = page.get_by_role("dialog", name="Share this room")
    await expect(dialog).to_be_visible()
    await tab_to(page, "Copy the link: To write together")
    await keys.press("Enter")
    await expect(dialog.get_by_text("Copied")).to_be_visible()
    await keys.press("Escape")
    await expect(room.bar.get_by_role("button", name="Share")).to_be_focused()


FOCUSED = """
() => {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  const labels = element?.labels ? [...element.labels].map((label) => label.textContent) : []
  return [element?.getAttribute('aria-label'), ...labels, element?.textContent].filter(Boolean).map((text) => text.trim())
}
"""


async def tab_to(page: Page, name: str, *, back: bool = False, most: int = 40) -> None:
    """Press Tab until what is called `name` has the focus; Escape first where Tab indents. Raises `AssertionError` with what had it instead."""
    passed: list[list[str]] = []
    for _ in range(most):
        if passed and "Code editor" in passed[-1]:
            await page.keyboard.press("Escape")
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        passed.append(await page.evaluate(FOCUSED))
        if name in passed[-1]:
            return
    raise AssertionError(f"Tab never came to {name!r}, but to {passed}")
