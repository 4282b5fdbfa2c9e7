"""The unmodified y-websocket provider and pycrdt's provider share a room, without a browser."""

import pytest

from tests.interop.conftest import JoinByYWebsocket
from tests.interop.pycrdt_client import PycrdtClient
from tests.interop.rooms import open_by_api, token_by
from tests.server import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_y_websocket_and_pycrdt_write_one_text(server: ServerProcess, join_by_y_websocket: JoinByYWebsocket) -> None:
    room = open_by_api(server)
    provider = await join_by_y_websocket(server.url, room["id"], room["token"])
    await provider.wait(lambda event: event["event"] == "synced" and event["synced"])
    await provider.tell(do="insert", at=0, text="from node")
    async with PycrdtClient(server.url, room["id"], room["token"]) as python:
        await python.wait_text("from node")
        python.text += ", from python"
        await provider.wait_text("from node, from python")


async def test_y_websocket_comes_back_with_what_it_wrote_meanwhile(server: ServerProcess, join_by_y_websocket: JoinByYWebsocket) -> None:
    room = open_by_api(server)
    provider = await join_by_y_websocket(server.url, room["id"], room["token"])
    await provider.wait(lambda event: event["event"] == "synced" and event["synced"])
    await provider.tell(do="disconnect")
    await provider.wait(lambda event: event["event"] == "status" and event["status"] == "disconnected")
    async with PycrdtClient(server.url, room["id"], room["token"]) as python:
        python.text += "meanwhile"
        await provider.tell(do="insert", at=0, text="alone")
        await provider.wait_text("alone")
        await provider.tell(do="connect")
        await provider.wait(lambda event: event["event"] == "text" and "alone" in event["text"] and "meanwhile" in event["text"])


async def test_a_viewer_by_y_websocket_reads_and_cannot_write(server: ServerProcess, join_by_y_websocket: JoinByYWebsocket) -> None:
    room = open_by_api(server)
    token = token_by(server, room["viewer_url"], "Lin")
    viewer = await join_by_y_websocket(server.url, room["id"], token)
    await viewer.wait(lambda event: event["event"] == "synced" and event["synced"])
    await viewer.tell(do="insert", at=0, text="forged")
    async with PycrdtClient(server.url, room["id"], room["token"]) as host:
        host.text += "true"
        await viewer.wait(lambda event: event["event"] == "text" and "true" in event["text"])
        async with PycrdtClient(server.url, room["id"], room["token"]) as later:
            await later.wait_text("true")
        assert str(host.text) == "true"


@pytest.mark.parametrize("token", ["", "not.a.token"])
async def test_y_websocket_gives_up_where_its_token_is_refused(server: ServerProcess, join_by_y_websocket: JoinByYWebsocket, token: str) -> None:
    room = open_by_api(server)
    refused = await join_by_y_websocket(server.url, room["id"], token)
    assert (await refused.wait(lambda event: event["event"] == "closed"))["code"] == 4401
