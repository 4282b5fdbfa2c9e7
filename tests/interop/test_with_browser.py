"""Our page, y-websocket and pycrdt in one room: one text, and everybody is seen."""

import pytest
from playwright.async_api import expect

from tests.e2e.fixtures import ManyPeople
from tests.e2e.room import open_room
from tests.interop.conftest import JoinByYWebsocket
from tests.interop.pycrdt_client import PycrdtClient
from tests.interop.rooms import token_by
from tests.server import ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def test_browser_y_websocket_and_pycrdt_write_one_text(server: ServerProcess, people: ManyPeople, join_by_y_websocket: JoinByYWebsocket) -> None:
    browser = await open_room(await people("Ada"), server)
    link = (await browser.links())["editor"]
    await browser.write("browser;")
    provider = await join_by_y_websocket(server.url, browser.id, token_by(server, link, "Lin"))
    await provider.wait_text("browser;")
    await provider.tell(do="insert", at=-1, text="node;")
    await browser.wait_text("browser;node;")
    async with PycrdtClient(server.url, browser.id, token_by(server, link, "Py")) as python:
        await python.wait_text("browser;node;")
        python.text += "python;"
        await provider.wait_text("browser;node;python;")
        await browser.wait_text("browser;node;python;")
        await browser.write("!")
        await python.wait_text("browser;node;python;!")
    await browser.saved()


async def test_who_comes_by_y_websocket_is_seen_and_sees(server: ServerProcess, people: ManyPeople, join_by_y_websocket: JoinByYWebsocket) -> None:
    browser = await open_room(await people("Ada"), server)
    provider = await join_by_y_websocket(server.url, browser.id, token_by(server, (await browser.links())["editor"], "Lin"))
    await provider.tell(do="present", user={"name": "Ada", "color": "#000000"})
    seen = await provider.wait(lambda event: event["event"] == "people" and len(event["users"]) > 1)
    assert "Ada" in [user and user["name"] for user in seen["users"]]
    others = (await browser.show("People")).get_by_role("list", name="Others in the room").get_by_role("listitem")
    await expect(others).to_have_count(1)
    await expect(others).to_contain_text("Lin")
    await provider.end()
    await expect(others).to_have_count(0)


async def test_a_viewers_token_cannot_write_into_the_browsers_text(server: ServerProcess, people: ManyPeople, join_by_y_websocket: JoinByYWebsocket) -> None:
    browser = await open_room(await people("Ada"), server)
    token = token_by(server, (await browser.links())["viewer"], "Lin")
    await browser.write("true")
    provider = await join_by_y_websocket(server.url, browser.id, token)
    await provider.wait_text("true")
    await provider.tell(do="insert", at=0, text="forged ")
    async with PycrdtClient(server.url, browser.id, token) as python:
        await python.wait_text("true")
        python.text += " forged"
        await browser.write("!")
        await python.wait_text("true! forged")  # its own copy alone has it
    await browser.wait_text("true!")
    await browser.page.reload()
    await browser.ready()
    await browser.wait_text("true!")
