"""Markup in every text that somebody may give: it is text in every page, runs nowhere, and breaks no policy (a breach fails the test)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.e2e.admins import SECRET, log_in, make_admin
from tests.e2e.fixtures import ManyPeople, make_server
from tests.e2e.room import join_room
from tests.server import ServerProcess
from tests.wire.client import Client, bearer
from tests.wire.client import Room as WireRoom
from tests.wire.test_accounts import QUICK, account, room_of

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
RUN = "mallory001"


@dataclass
class Attacked:
    """A server with an administrator, whose access token is `root`."""

    server: ServerProcess
    root: str

    @property
    def url(self) -> str:
        return self.server.url


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def attacked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Attacked]:
    folder = tmp_path_factory.mktemp("data")
    process = make_server(folder, env={"SECRET_KEY": SECRET, **QUICK})
    root = await make_admin(process)
    await asyncio.to_thread(process.start)
    yield Attacked(process, root)
    await asyncio.to_thread(process.close)


async def is_text(page: Page) -> None:
    """Nothing of it became markup, and nothing ran."""
    await expect(page.locator("img[src=x], iframe[srcdoc], svg[onload], script:not([src]), a[href^='javascript:']")).to_have_count(0)
    assert await page.evaluate("typeof window.taken") == "undefined"


async def test_what_a_hostile_member_writes_is_text_in_every_page(attacked: Attacked, people: ManyPeople) -> None:
    room = WireRoom.open(attacked.url, title=MARKUP, name=MARKUP)
    async with Client(attacked.url, room.id, room.host) as mallory:
        await mallory.insert(0, "\n".join(PAYLOADS))
        await mallory.add_file(f"{MARKUP}.py", "x")
        await mallory.say("run.start", run=RUN, language="python", file=f"{MARKUP}.py")
        for payload in PAYLOADS:
            await mallory.say("chat", text=payload)
            await mallory.say("run.output", run=RUN, stream="stdout", text=f"{payload}\n")
        await mallory.say("run.end", run=RUN, status="ok", code=0)
        await mallory.until_saved()
        guest = await join_room(await people("Lin"), f"{attacked.url}/r/{room.id}")
        await expect(guest.page).to_have_title(f"{MARKUP} · fourhands")
        for payload in PAYLOADS:
            await expect(guest.output).to_contain_text(payload)
        log = (await guest.show("Chat")).get_by_role("log")
        for payload in PAYLOADS:
            await expect(log).to_contain_text(payload)
        await expect(await guest.show("People")).to_contain_text(MARKUP)
        await is_text(guest.page)
        assert httpx.post(f"{attacked.url}/api/admin/messages", headers=bearer(attacked.root), json={"text": MARKUP, "room": room.id}).is_success
        await expect(guest.banners).to_contain_text(MARKUP)
        await is_text(guest.page)


async def test_bidi_marks_dress_up_neither_a_link_nor_a_files_name(attacked: Attacked, people: ManyPeople) -> None:
    room = WireRoom.open(attacked.url, name="Mallory")
    async with Client(attacked.url, room.id, room.host) as mallory:
        await mallory.say("chat", text="\u202ehttps://evil.example/x/moc.elgoog.www//:sptth")
        await mallory.say("chat", text="\u2067https://evil.example/\u2067y\u200f/google.com")
        await mallory.say("run.start", run=RUN, language="python", file="a\u202egnp.exe")
        await mallory.say("run.end", run=RUN, status="ok", code=0)
        await mallory.until_saved()
        guest = await join_room(await people("Lin"), f"{attacked.url}/r/{room.id}")
        await expect(guest.output).to_contain_text("agnp.exe")
        links = (await guest.show("Chat")).get_by_role("log").get_by_role("link")
        await expect(links).to_have_text(["https://evil.example/x/moc.elgoog.www//:sptth", "https://evil.example/"])
        for style, value in (("direction", "ltr"), ("unicode-bidi", "isolate-override")):
            await expect(links.first).to_have_css(style, value)


async def test_what_a_hostile_account_is_called_is_text_on_its_pages_and_on_the_desk(attacked: Attacked, people: ManyPeople) -> None:
    url = attacked.url
    _, token = account(url, "mallory")
    headers = bearer(token)
    assert httpx.patch(f"{url}/api/me", headers=headers, json={"name": MARKUP}).is_success
    assert httpx.post(f"{url}/api/teams", headers=headers, json={"name": MARKUP}).is_success
    assert httpx.post(f"{url}/api/me/tokens", headers=headers, json={"name": MARKUP, "scopes": ["rooms:read"]}).is_success
    room = room_of(url, token)
    assert httpx.patch(f"{url}/api/rooms/{room.id}", headers=headers, json={"title": MARKUP}).is_success
    httpx.post(f"{url}/api/login", json={"login": MARKUP, "password": MARKUP})
    mallory, root = await people("Mallory"), await people("Root")
    await log_in(mallory, attacked.server, token)
    await log_in(root, attacked.server, attacked.root)
    async with Client(url, room.id, room.host):
        for path in ("/rooms", "/account", "/teams"):
            page = await mallory.go(f"{url}{path}")
            await expect(page.locator("body")).to_contain_text(MARKUP)
            await is_text(page)
        page = await root.go(f"{url}/admin")
        await expect(page.locator("main")).to_contain_text(MARKUP)
        for pane in ("People", "Audit log"):
            await page.get_by_role("tab", name=pane).click()
            await expect(page.get_by_role("tabpanel", name=pane)).to_contain_text(MARKUP)
            await is_text(page)
