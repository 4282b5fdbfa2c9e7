"""On a phone: one column, a bar of tabs below, everything in reach of a thumb."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.fixtures import ManyPeople
from tests.e2e.room import Room, join_room, open_room
from tests.server import ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"viewport": {"width": 375, "height": 667}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


async def fits(page: Page) -> bool:
    """Whether nothing reaches beyond the page's width."""
    return await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_main_job_on_a_phone(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    lin = await people(**PHONE)
    page = await lin.go(host.address)
    assert await fits(page)
    await page.get_by_label("Your name").fill("Lin")
    await page.get_by_role("button", name="Join", exact=True).tap()
    room = Room(page)
    await expect(room.editor).to_be_visible()
    await expect(room.connection).to_contain_text("Connected")
    assert await fits(page)
    await host.choose_language("JavaScript")
    await room.editor.tap()
    await page.keyboard.insert_text("console.log('from a phone')")
    await host.wait_text("console.log('from a phone')")
    run = room.bar.get_by_role("button", name="Run")
    await expect(run).to_be_in_viewport(ratio=1)
    await run.tap()
    await expect(room.last_run).to_contain_text("from a phone")
    await expect(host.last_run).to_contain_text("from a phone")
    assert await fits(page)
    views = page.get_by_role("navigation", name="Views")
    for view in ("Chat", "People", "Code"):
        button = views.get_by_role("button", name=view)
        await expect(button).to_be_in_viewport(ratio=1)
        await button.tap()
        await expect(button).to_have_attribute("aria-current", "page")
        assert await fits(page)
    await expect(room.editor).to_be_visible()


async def test_what_a_thumb_presses_is_large_enough(server: ServerProcess, people: ManyPeople) -> None:
    room = await open_room(await people("Ada", **PHONE), server)
    small = await room.page.get_by_role("button").evaluate_all("""
        (buttons) => buttons
          .filter((button) => button.offsetParent !== null && !button.closest('.code-keys'))
          .map((button) => [button.getAttribute('aria-label') ?? button.textContent, button.getBoundingClientRect()])
          .filter(([, box]) => box.height < 43.5)
          .map(([name, box]) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)}`)
    """)
    assert small == []


async def test_keys_for_code_stand_above_the_keyboard(server: ServerProcess, people: ManyPeople) -> None:
    room = await open_room(await people("Ada", **PHONE), server)
    await room.editor.tap()
    keys = room.page.get_by_role("toolbar", name="Keys for code")
    await keys.get_by_text("(", exact=True).tap()
    await room.wait_text("()")
    await expect(room.editor).to_be_focused()


async def test_landing_and_share_fit_a_phone(server: ServerProcess, people: ManyPeople) -> None:
    lin = await people("Lin", **PHONE)
    page = await lin.go(server.url)
    assert await fits(page)
    host = await join_room(await people("Ada"), (await open_room(lin, server)).address)
    await page.get_by_role("button", name="Share").tap()
    dialog = page.get_by_role("dialog", name="Share this room")
    await expect(dialog.get_by_label("To write together", exact=True)).to_be_visible()
    assert await fits(page)
    await expect(dialog.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)
    await host.saved()
