"""What a page holds that was away for long, or pastes and takes back, is a megabyte and more: y-websocket brings it as any edit."""

import pytest
from pycrdt import Text

from tests.interop.conftest import JoinByYWebsocket
from tests.interop.node_client import YWebsocketClient
from tests.server import ServerProcess
from tests.wire.client import Client, Room

pytestmark = pytest.mark.asyncio(loop_scope="session")

LETTERS = 120_000
STEP_2_BYTES = 1_050_000  # and some more, by the size of the client id that Yjs has chosen
PASTE = "x" * 999_000


async def joined(join: JoinByYWebsocket, server: ServerProcess, room: Room) -> YWebsocketClient:
    provider = await join(server.url, room.id, room.join("Lin"))
    await provider.wait(lambda event: event["event"] == "synced" and event["synced"])
    return provider


async def same(client: Client, text: str) -> None:
    """Wait until it shows that. Its own error would show megabytes."""
    await client.until(lambda: len(client.text) == len(text.encode()) and str(client.text) == text)


async def test_a_history_of_more_than_a_megabyte_comes_in_the_first_step_2(server: ServerProcess, join_by_y_websocket: JoinByYWebsocket) -> None:
    room = Room.open(server.url)
    lin = await joined(join_by_y_websocket, server, room)
    await lin.tell(do="disconnect")
    await lin.wait(lambda event: event["event"] == "status" and event["status"] == "disconnected")
    await lin.tell(do="prepend", count=LETTERS)
    await lin.tell(do="size")
    assert (await lin.wait(lambda event: event["event"] == "size"))["bytes"] > STEP_2_BYTES
    written = lin.said("text")[-1]["text"]
    since = lin.heard
    await lin.tell(do="connect")
    await lin.wait(lambda event: event["event"] == "synced" and event["synced"], since=since)
    async with Client(server.url, room.id, room.host) as ada:
        await same(ada, written)
        await ada.insert(0, "hello ")
        await lin.wait(lambda event: event["event"] == "text" and event["text"] == "hello " + written)
    assert lin.said("closed")[1:] == [], "it went once, by itself"


async def test_a_paste_of_a_megabyte_is_taken_back_and_comes_again(server: ServerProcess, join_by_y_websocket: JoinByYWebsocket) -> None:
    room = Room.open(server.url)
    lin = await joined(join_by_y_websocket, server, room)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.insert(0, "before;")
        await lin.wait_text("before;")
        await lin.tell(do="remember")
        await lin.tell(do="insert", at=7, text=PASTE)
        await same(ada, "before;" + PASTE)
        for _ in range(2):
            await lin.tell(do="undo")
            await same(ada, "before;")
            await lin.tell(do="redo")
            await same(ada, "before;" + PASTE)
        await lin.tell(do="undo")
        await same(ada, "before;")
        await ada.until_saved()
        async with Client(server.url, room.id, room.host) as later:
            assert str(later.text) == "before;"
            assert str(later.doc.get("file:main", type=Text)) == "before;"
    assert lin.said("closed") == []
