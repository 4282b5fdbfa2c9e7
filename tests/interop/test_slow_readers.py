"""Who stopped reading, and was closed with 4508, comes back by itself and lacks nothing."""

import signal

import pytest
from pycrdt import Text

from tests.e2e.fixtures import ManyPeople
from tests.e2e.room import open_room
from tests.interop.conftest import JoinByYWebsocket
from tests.interop.rooms import token_by
from tests.proxy import Proxy
from tests.server import ServerProcess
from tests.wire.client import Client, Room
from tests.wire.conftest import StartServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

SETTINGS = {"outbox_bytes": 262_144, "rate_limits": "off"}
ALLOWED_PASTES = 1000


async def write_until_somebody_is_too_slow(client: Client, server: ServerProcess) -> None:
    """Fill all buffers on the way with text that no page shows."""
    aside = client.doc.get("aside", type=Text)
    for number in range(ALLOWED_PASTES):
        with client.doc.transaction():
            aside.clear()
            aside += chr(97 + number % 26) * 60_000
        await client.flush()
        await client.answered()
        if "connection.slow" in server.log:
            return
    raise AssertionError("nobody was too slow")


async def test_y_websocket_catches_up(start_server: StartServer, join_by_y_websocket: JoinByYWebsocket) -> None:
    server = start_server(**SETTINGS)
    room = Room.open(server.url)
    lin = await join_by_y_websocket(server.url, room.id, room.join("Lin"))
    async with Client(server.url, room.id, room.host) as ada:
        await lin.tell(do="insert", at=0, text="before; ")
        await ada.until_text("before; ")
        lin.send_signal(signal.SIGSTOP)
        try:
            await write_until_somebody_is_too_slow(ada, server)
            await ada.insert(8, "meanwhile; ")
        finally:
            lin.send_signal(signal.SIGCONT)
        await lin.wait_text("before; meanwhile; ")
        await lin.wait(lambda event: event["event"] == "closed")
        assert {event["code"] for event in lin.said("closed")} <= {4508, 1006}  # 1006: it was cut before it had read so far
        since = lin.heard
        await lin.tell(do="insert", at=-1, text="after")
        await lin.wait(lambda event: event["event"] == "text" and event["text"].endswith("after"), since=since)
        await ada.until_text("before; meanwhile; after")


@pytest.mark.e2e
async def test_our_page_catches_up(start_server: StartServer, people: ManyPeople) -> None:
    server = start_server(**SETTINGS)
    async with Proxy(server.url) as network:
        page = await open_room(await people("Ada"), network)
        await page.write("before; ")
        await page.saved()
        token = token_by(server, (await page.links())["editor"], "Lin")
        async with Client(server.url, page.id, token) as lin:
            await lin.until_text("before; ")
            network.stall()
            await write_until_somebody_is_too_slow(lin, server)
            await lin.insert(8, "meanwhile; ")
            await page.write("typed blindly; ")
            network.resume()
            await page.wait_for("(text) => text.includes('meanwhile; ') && text.includes('typed blindly; ')", None)
            await page.saved()
            await lin.until(lambda: "typed blindly; " in str(lin.text))
            await page.wait_text(str(lin.text))
            assert sorted(str(lin.text).split("; ")) == ["", "before", "meanwhile", "typed blindly"]
