"""kill -9 while unmodified y-websocket clients write beside ours: they come back by themselves, and all have one text."""

import asyncio
import random

import pytest

from tests.interop.node_client import YWebsocketClient, node_with_packages
from tests.soak.conftest import StartServer
from tests.soak.crowd import Crowd

KILLS = 2  # a round
ACTIONS = 40


async def work(writer: YWebsocketClient, crowd: Crowd, chance: random.Random) -> str:
    """Type at the front and the end, also while there is no server. What was typed."""
    typed = ""
    for _ in range(ACTIONS // 2):
        text = crowd.ledger.type(1 if chance.random() < 0.8 else 12)
        typed += text
        await writer.tell(do="insert", at=chance.choice([0, -1]), text=text)
        await asyncio.sleep(0.004 * chance.random())
    return typed


@pytest.mark.rounds(15)
async def test_kill_while_y_websocket_writes(start_server: StartServer, chance: random.Random) -> None:
    node = node_with_packages()
    server = start_server(idle_seconds=0.5, fold_seconds=0.2, chat_per_minute=10_000, chat_kept=10_000)
    rest = 0

    def heard(what: str) -> None:
        nonlocal rest
        rest -= what == "saved"
        if rest == 0:
            server.kill()

    crowd = Crowd(server, chance, people=2, on_said=heard)
    writers = [await YWebsocketClient.join(node, server.url, crowd.room.id, crowd.room.join(name)) for name in ("Lin", "Kurt")]
    typed = ""
    try:
        for _ in range(KILLS):
            rest = chance.randrange(1, 15)
            crowd.begin(ACTIONS)
            typed += "".join(await asyncio.gather(*(work(writer, crowd, chance) for writer in writers)))
            await crowd.finish()
            rest = 0
            server.kill()
            crowd.hold_back()
            await asyncio.to_thread(server.start)
            await crowd.let_in()
            ada = crowd.people[0]
            await ada.until(lambda ada=ada, typed=typed: set(typed) - crowd.ledger.deleted <= set(str(ada.text)))  # y-websocket waits before it comes back
            text = await crowd.agree()
            for writer in writers:
                await writer.wait(lambda event, text=text: event["event"] == "text" and event["text"] == text)
            await crowd.read()
    finally:
        for writer in writers:
            await writer.end()
        await crowd.end()
