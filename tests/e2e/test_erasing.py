"""A host erases a secret that was pasted: it goes from everybody's page, from the history, and from what browsers keep; it does not
come back by somebody who was offline, nor by undo."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.fixtures import ManyPeople
from tests.e2e.room import Room, join_room, open_room
from tests.e2e.test_access import violations
from tests.server import ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

SECRET = "hunter2-is-my-secret"

KEPT = """
async () => {
  const open = (name) => new Promise((resolve, reject) => {
    const asked = indexedDB.open(name)
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })
  const all = (store) => new Promise((resolve) => { const asked = store.getAll(); asked.onsuccess = () => resolve(asked.result) })
  let kept = JSON.stringify({ ...localStorage })
  for (const { name } of await indexedDB.databases()) {
    const database = await open(name)
    for (const store of database.objectStoreNames) {
      for (const row of await all(database.transaction(store).objectStore(store))) {
        kept += JSON.stringify(row, (_, value) => (value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : value))
      }
    }
    database.close()
  }
  return kept
}
"""
"""All that this browser keeps, as one text."""


async def dialog_of(room: Room) -> Locator:
    """The dialog, as a host opens it."""
    await (await room.show("People")).get_by_role("button", name="Erase something…").click()
    return room.page.get_by_role("dialog", name="Erase something from this room")


async def erase(room: Room, text: str) -> Locator:
    """Look for a text and erase it; the dialog with what came of it."""
    dialog = await dialog_of(room)
    await dialog.get_by_label("What is to be erased").fill(text)
    await dialog.get_by_role("button", name="Look for it").click()
    await dialog.get_by_role("button", name="Erase it for good").click()
    await expect(dialog.get_by_role("status")).to_contain_text("It is gone from the room and its history")
    return dialog


async def without(page: Page, text: str) -> None:
    """Until this browser keeps nothing with that text."""
    await page.wait_for_function(f"async (text) => !(await ({KEPT})()).includes(text)", arg=text)


async def history(room: Room) -> str:
    """The whole journal as members read it, with the bytes of edits."""
    return await room.page.evaluate(
        """async (id) => {
          const { events } = await (await fetch(`/api/rooms/${id}/history`)).json()
          return events.map((event) => (event.kind === 'edit' ? atob(event.data.update) : JSON.stringify(event.data))).join('\\n')
        }""",
        room.id,
    )


async def test_a_secret_goes_from_everybodys_page_and_does_not_come_back_by_undo(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, server)
    await host.replace(f"password = '{SECRET}'\n")
    guest = await join_room(lin, (await host.links())["editor"])
    await guest.wait_text(f"password = '{SECRET}'\n")
    await guest.write(f"# again {SECRET}")
    chat = await guest.show("Chat")
    await chat.get_by_role("textbox").fill(f"it is {SECRET}")
    await guest.page.keyboard.press("Enter")
    await host.wait_text(f"password = '{SECRET}'\n# again {SECRET}")
    await expect(await host.show("Chat")).to_contain_text(SECRET)
    assert SECRET in await history(host)
    assert SECRET in await host.page.evaluate(KEPT)

    dialog = await dialog_of(host)
    await dialog.get_by_label("What is to be erased").fill(SECRET)
    await dialog.get_by_role("button", name="Look for it").click()
    await expect(dialog).to_contain_text("Two places in main.py, now or earlier")
    await expect(dialog).to_contain_text("One place in the chat")
    await expect(dialog).to_contain_text("It stands in the text now, in two places.")
    await host.wait_text(f"password = '{SECRET}'\n# again {SECRET}")  # it was only looked for
    await dialog.get_by_role("button", name="Erase it for good").click()
    await expect(dialog.get_by_role("status")).to_contain_text("It is gone from the room and its history")
    await dialog.get_by_role("button", name="Close").last.click()

    await guest.noticed("Ada erased something from the room and its history")
    for room, typed in ((host, ""), (guest, "!")):
        await room.wait_text(f"password = ''\n# again {typed}")
        await room.ready()
        await room.editor.press("Control+z")
        await room.editor.press("Control+z")
        await room.write("!")
        await room.saved()
        await expect(await room.show("Chat")).to_contain_text("it is [erased]")
        await without(room.page, SECRET)
    await host.wait_text("password = ''\n# again !!")
    told = await history(host)
    assert SECRET not in told
    assert re.search(r'"change":"erased".*"places":3|"places":3.*"change":"erased"', told)
    await guest.page.reload()
    await guest.wait_text("password = ''\n# again !!")


async def test_somebody_who_was_offline_keeps_their_text_and_brings_nothing_back(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, server)
    await host.replace(f"key = '{SECRET}'\n")
    guest = await join_room(lin, (await host.links())["editor"])
    await guest.wait_text(f"key = '{SECRET}'\n")
    await guest.saved()
    await lin.context.set_offline(True)
    await expect(guest.banners).to_contain_text("Reconnecting… your text is safe.")
    await guest.write("written by lin, alone\n")
    await expect(guest.saving).to_have_text("Not saved")
    dialog = await erase(host, SECRET)
    await dialog.get_by_role("button", name="Close").last.click()
    await host.wait_text("key = ''\n")
    await lin.context.set_offline(False)
    await guest.wait_text("key = ''\n")
    await guest.ready()
    await expect(guest.banners).to_contain_text("Some of your text was not taken by the room.")
    await without(guest.page, SECRET)
    assert "written by lin, alone" in await guest.page.evaluate(KEPT)
    await guest.editor.press("Control+z")
    await guest.page.reload()
    await guest.wait_text("key = ''\n")
    assert "written by lin, alone" in await guest.page.evaluate(KEPT)
    await host.write("on")
    for room in (host, guest):
        await room.wait_text("key = ''\non")
        await room.saved()
    assert SECRET not in await history(host)


async def test_what_is_selected_is_offered_and_what_stands_nowhere_is_said(server: ServerProcess, people: ManyPeople) -> None:
    ada = await people("Ada")
    host = await open_room(ada, server)
    await host.replace("selected-words")
    await host.saved()
    await host.editor.press("Control+a")
    dialog = await dialog_of(host)
    field = dialog.get_by_label("What is to be erased")
    await expect(field).to_have_value("selected-words")
    await field.fill("nowhere-to-be-found")
    await dialog.get_by_role("button", name="Look for it").click()
    await expect(dialog.get_by_role("status")).to_contain_text("It stands nowhere in this room")
    await expect(dialog.get_by_role("button", name="Erase it for good")).to_have_count(0)
    await dialog.get_by_role("button", name="Back").click()
    await field.fill("abc")
    await dialog.get_by_role("button", name="Look for it").click()
    await expect(dialog).to_contain_text("4 characters at least")
    await host.page.keyboard.press("Escape")
    await host.wait_text("selected-words")


async def test_only_hosts_see_the_way(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, server)
    guest = await join_room(lin, (await host.links())["editor"])
    await expect((await host.show("People")).get_by_role("button", name="Erase something…")).to_be_visible()
    await expect((await guest.show("People")).get_by_role("button", name="Erase something…")).to_have_count(0)


async def test_axe_finds_nothing_in_the_dialog(server: ServerProcess, people: ManyPeople) -> None:
    ada = await people("Ada")
    host = await open_room(ada, server)
    await host.replace("password = 'a secret'")
    await host.saved()
    dialog = await dialog_of(host)
    assert await violations(host.page) == []
    await dialog.get_by_label("What is to be erased").fill("a secret")
    await dialog.get_by_role("button", name="Look for it").click()
    await expect(dialog.get_by_role("button", name="Erase it for good")).to_be_visible()
    assert await violations(host.page) == []


async def test_everybody_sees_what_is_kept_takes_along_their_own_and_takes_their_name_out(server: ServerProcess, people: ManyPeople) -> None:
    ada, lin = await people("Ada"), await people("Lin")
    host = await open_room(ada, server)
    guest = await join_room(lin, (await host.links())["editor"])
    await guest.write("by lin")
    chat = await guest.show("Chat")
    await chat.get_by_role("textbox").fill("hello from me")
    await guest.page.keyboard.press("Enter")
    await expect(await host.show("Chat")).to_contain_text("Lin")
    await (await guest.show("People")).get_by_role("button", name="What this room keeps…").click()
    dialog = guest.page.get_by_role("dialog", name="What this room keeps")
    async with guest.page.expect_download() as downloading:
        await dialog.get_by_role("link", name="Download what is yours").click()
    download = await downloading.value
    lines = (await download.path()).read_text().splitlines()
    assert any("hello from me" in line for line in lines)
    assert not any("Ada" in line for line in lines)
    assert await violations(guest.page) == []
    await dialog.get_by_role("button", name="Take your name out…").click()
    await expect(dialog.get_by_role("status")).to_contain_text("What you wrote stays")
    await dialog.get_by_role("button", name="Take it out", exact=True).click()
    await expect(dialog).to_be_hidden()
    pane = await host.show("Chat")
    await expect(pane).to_contain_text("Someone")
    await expect(pane).to_contain_text("hello from me")
    await expect(pane).not_to_contain_text("Lin")
    await host.wait_text("by lin")
    await expect(await host.show("People")).to_contain_text("Someone")
