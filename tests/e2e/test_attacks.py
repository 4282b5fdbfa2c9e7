"""Markup in names, titles, text and chat: it is text, runs nowhere, and breaks no policy (a breach fails the test)."""

import pytest
from playwright.async_api import expect

from tests.e2e.fixtures import ManyPeople
from tests.e2e.room import join_room
from tests.server import ServerProcess
from tests.wire.client import Client
from tests.wire.client import Room as WireRoom

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

MARKUP = "<img src=x onerror=taken=1>"
PAYLOADS = (
    MARKUP,
    "<script>taken=1</script>",
    "<svg/onload=taken=1>",
    "\"><iframe srcdoc='<script>parent.taken=1</script>'>",
    "javascript:taken=1",
    "{{constructor.constructor('taken=1')()}}${taken=1}",
    "'; DROP TABLE rooms; --",
)


async def test_what_a_hostile_member_writes_is_text_in_every_page(server: ServerProcess, people: ManyPeople) -> None:
    room = WireRoom.open(server.url, title=MARKUP, name=MARKUP)
    async with Client(server.url, room.id, room.host) as mallory:
        await mallory.insert(0, "\n".join(PAYLOADS))
        await mallory.until_saved()
        for payload in PAYLOADS:
            await mallory.say("chat", text=payload)
        guest = await join_room(await people("Lin"), f"{server.url}/r/{room.id}")
        await expect(guest.page).to_have_title(f"{MARKUP} · fourhands")
        log = (await guest.show("Chat")).get_by_role("log")
        for payload in PAYLOADS:
            await expect(log).to_contain_text(payload)
        await expect(guest.page.locator("img[src=x], iframe[srcdoc], svg[onload], script:not([src])")).to_have_count(0)
        assert await guest.page.evaluate("typeof window.taken") == "undefined"
