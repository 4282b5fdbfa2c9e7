"""The chat beside the output: text is text, links are links, and what one did not see is counted."""

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.fixtures import ManyPeople
from tests.e2e.room import Room, join_room, open_room
from tests.server import ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def say(room: Room, text: str) -> Locator:
    """Say something in the chat; the list of messages."""
    chat = await room.show("Chat")
    await chat.get_by_label("Message to everyone").fill(text)
    await room.page.keyboard.press("Enter")
    await expect(chat.get_by_text("Sending…")).to_have_count(0)
    return chat.get_by_role("log")


async def test_what_is_said_reaches_the_other_with_name_and_unread_mark(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    guest = await join_room(await people("Lin"), host.address)
    await say(host, "first")
    own = await say(host, "second\twith  spaces")
    await expect(own).to_contain_text("Ada (you)")
    tab = guest.page.get_by_role("tab", name="Chat")
    await expect(tab).to_contain_text("2 unread")
    await expect(guest.page.get_by_role("navigation", name="Panels").get_by_role("button", name="Chat")).to_contain_text("2")
    log = (await guest.show("Chat")).get_by_role("log")
    await expect(log).to_contain_text("Ada")
    await expect(log).to_contain_text("first")
    await expect(tab).not_to_contain_text("unread")
    await say(guest, "answer")
    await expect(own).to_contain_text("answer")


async def test_a_link_can_be_pressed_and_markup_is_text(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    guest = await join_room(await people("Lin"), host.address)
    markup = "<img src=x onerror=\"document.title='taken'\"><b>bold</b> javascript:alert(1)"
    await say(host, markup)
    await say(host, "see https://example.org/a?b=1#c, or not")
    log = (await guest.show("Chat")).get_by_role("log")
    await expect(log).to_contain_text(markup)
    await expect(log.locator("img, b, script")).to_have_count(0)
    links = log.get_by_role("link")
    await expect(links).to_have_count(1)
    await expect(links).to_have_text("https://example.org/a?b=1#c")
    await expect(links).to_have_attribute("href", "https://example.org/a?b=1#c")
    await expect(links).to_have_attribute("rel", "noopener noreferrer nofollow")
    assert "taken" not in await guest.page.title()


async def test_more_than_ten_a_minute_is_refused_and_the_text_kept(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    for number in range(10):
        await say(host, f"message {number}")
    log = await say(host, "one too many")
    await expect(log.get_by_role("button", name="Send again")).to_be_visible()
    await log.get_by_role("button", name="Take back").click()
    await expect((await host.show("Chat")).get_by_label("Message to everyone")).to_have_value("one too many")


async def test_a_viewer_may_chat(server: ServerProcess, people: ManyPeople) -> None:
    host = await open_room(await people("Ada"), server)
    viewer = await join_room(await people("Lin"), (await host.links())["viewer"])
    await say(viewer, "may I ask?")
    await expect((await host.show("Chat")).get_by_role("log")).to_contain_text("may I ask?")


async def test_offline_nothing_is_lost_that_one_wanted_to_say(server: ServerProcess, people: ManyPeople) -> None:
    ada = await people("Ada")
    host = await open_room(ada, server)
    chat = await host.show("Chat")
    await ada.context.set_offline(True)
    await expect(host.connection).not_to_have_text("Connected")
    field = chat.get_by_label("Message to everyone")
    await field.fill("later")
    await field.press("Enter")
    await expect(chat.get_by_text("Not connected: your message stays here.")).to_be_visible()
    await expect(field).to_have_value("later")
    await ada.context.set_offline(False)
    await host.ready()
    await field.press("Enter")
    await expect(chat.get_by_role("log")).to_contain_text("later")
