"""An unmodified y-websocket client holds the old document when something was erased, and knows no epochs: it brings nothing back, its
own copy loses it, and what it wrote meanwhile comes in."""

import asyncio

import httpx
import pytest

from tests.interop.conftest import JoinByYWebsocket
from tests.interop.node_client import YWebsocketClient
from tests.interop.rooms import open_by_api, token_by
from tests.server import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECRET = "p4ssw0rd-of-mine"


async def erased(server: ServerProcess, room: dict[str, str]) -> dict[str, object]:
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.post(f"{server.url}/api/rooms/{room['id']}/erasures", json={"text": SECRET}, headers={"Authorization": f"Bearer {room['token']}"})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def synced(provider: YWebsocketClient, since: int = 0) -> None:
    await provider.wait(lambda event: event["event"] == "synced" and event["synced"], since=since)


async def agreed(server: ServerProcess, room: dict[str, str], providers: tuple[YWebsocketClient, ...], word: str) -> str:
    """The whole journal, once the server and all of them have the same text, with that word in it."""
    headers = {"Authorization": f"Bearer {room['token']}"}
    async with httpx.AsyncClient(timeout=60, headers=headers) as client, asyncio.timeout(20):
        texts = {""}
        while len(texts) != 1 or word not in next(iter(texts)):
            await asyncio.sleep(0.05)  # it is another process
            text = (await client.get(f"{server.url}/api/rooms/{room['id']}/files/main")).text
            texts = {text, *(provider.said("text")[-1]["text"] for provider in providers)}
        return (await client.get(f"{server.url}/api/rooms/{room['id']}/history")).text


async def test_it_brings_nothing_back_that_was_erased_while_it_was_away_or_here(server: ServerProcess, join_by_y_websocket: JoinByYWebsocket) -> None:
    room = open_by_api(server)
    here = await join_by_y_websocket(server.url, room["id"], room["token"])
    away = await join_by_y_websocket(server.url, room["id"], token_by(server, room["editor_url"], "Lin"))
    await asyncio.gather(synced(here), synced(away))
    await here.tell(do="remember")
    await away.tell(do="remember")
    await here.tell(do="insert", at=0, text=f"<{SECRET}>")
    await away.wait_text(f"<{SECRET}>")
    await away.tell(do="insert", at=-1, text=f"[{SECRET}]")
    await here.wait_text(f"<{SECRET}>[{SECRET}]")
    await away.tell(do="disconnect")
    await away.wait(lambda event: event["event"] == "status" and event["status"] == "disconnected")
    await away.tell(do="insert", at=0, text="alone ")
    told = await erased(server, room)
    assert (told["texts"], told["now"]) == ({"main": 2}, 2)
    await here.wait_text("<>[]")  # it came back by itself, and heard what is deleted
    since = away.heard
    await away.tell(do="connect")
    await away.wait(lambda event: event["event"] == "text" and event["text"] == "alone <>[]", since=since)
    await here.wait_text("alone <>[]")
    for provider in (here, away):
        for what in ("undo", "redo", "undo", "redo"):
            await provider.tell(do=what)
        await provider.tell(do="disconnect")
        await provider.tell(do="connect")
    since = len(here.said("text"))
    await here.tell(do="insert", at=0, text="the end ")
    history = await agreed(server, room, (here, away), "the end ")
    assert not any(SECRET in event["text"] for event in here.said("text")[since:])
    assert SECRET not in history
