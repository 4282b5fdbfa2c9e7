"""Unmodified y-websocket clients that reconnect, sleep, crash and re-send others' states: everybody sees who is there, and
nobody is sent away for it."""

import signal
from typing import Any

import pytest

from fourhands.protocol.awareness import GONE, Entry, decode
from fourhands.protocol.sync import Kind
from fourhands.settings import Settings
from tests.interop.conftest import JoinByYWebsocket
from tests.interop.node_client import YWebsocketClient
from tests.proxy import Proxy
from tests.server import ServerProcess
from tests.wire.client import Client, Room
from tests.wire.conftest import StartServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

FAST = 20
"""Clocks of clients that go so much faster, where a test waits for what a client does after 15 or 30 seconds."""


def cursor(client: Client, of: int) -> Any:
    """What somebody shows, as this client sees it; None: nothing, or gone."""
    _, state = client.states.get(of, (0, None))
    return state and state.get("cursor")


def name(client: Client, of: int) -> str | None:
    """Whose cursor this client sees there."""
    _, state = client.states.get(of, (0, None))
    return state["user"]["name"] if state else None


def presence_heard(client: Client) -> list[Entry]:
    """All that this client ever heard about anybody's presence."""
    return [entry for message in client.messages if message.kind is Kind.AWARENESS for entry in decode(message.payload, 1000)]


async def connected(provider: YWebsocketClient, since: int = 0) -> None:
    await provider.wait(lambda event: event["event"] == "synced" and event["synced"], since=since)


async def test_who_comes_back_is_seen_again_each_time(server: ServerProcess, join_by_y_websocket: JoinByYWebsocket) -> None:
    room = Room.open(server.url)
    lin, eve = [await join_by_y_websocket(server.url, room.id, room.join(name)) for name in ("Lin", "Eve")]
    heard = 0
    async with Client(server.url, room.id, room.host) as ada:
        me = await lin.present(cursor=0)
        await ada.until(lambda: cursor(ada, me) == 0)
        for _ in range(4):
            await eve.wait(lambda event: event["event"] == "people" and str(me) in event["states"], since=heard)  # minds the clocks
            heard = eve.heard
            await lin.tell(do="disconnect")
            await ada.until(lambda: cursor(ada, me) is None)
            await eve.wait(lambda event: event["event"] == "people" and str(me) not in event["states"], since=heard)
            since, heard = lin.heard, eve.heard
            await lin.tell(do="connect")
            await connected(lin, since)
            await ada.until(lambda: cursor(ada, me) == 0)
            assert name(ada, me) == "Lin"
        assert [event["code"] for event in lin.said("closed")] == [None] * 4  # closed by itself alone


async def test_nobody_is_sent_away_for_telling_everybody_about_everybody(server: ServerProcess, join_by_y_websocket: JoinByYWebsocket) -> None:
    """y-websocket sends on whatever it hears; two of these are tabs of one person."""
    room = Room.open(server.url)
    token = room.join("Lin")
    tokens = [room.host, token, token, room.join("Eve")]
    everyone = [await join_by_y_websocket(server.url, room.id, one, speed=FAST) for one in tokens]
    ids = [await one.present(cursor=number) for number, one in enumerate(everyone)]

    def sees_all(event: dict[str, Any]) -> bool:
        return event["event"] == "people" and all(event["states"].get(str(me), {}).get("cursor") == number for number, me in enumerate(ids))

    for one in everyone:
        await one.wait(sees_all)
    for number in range(30):
        await everyone[number % 4].tell(do="present", cursor=100 + number)
    async with Client(server.url, room.id, room.host) as late:
        await late.until(lambda: [cursor(late, me) for me in ids] == [128, 129, 126, 127])
        assert [name(late, me) for me in ids] == ["Ada", "Lin", "Lin", "Eve"]
        renewed = [len(one.said("renewed")) for one in everyone]
        await everyone[3].leave()
        await late.until(lambda: late.states[ids[3]][1] is None)
        for number, one in enumerate(everyone[:3]):  # they tell the others about each other twice more
            await one.wait(lambda event: event["event"] == "renewed", since=one.heard)
            await one.wait(lambda event: event["event"] == "renewed", since=one.heard)
            assert len(one.said("renewed")) >= renewed[number] + 2
        assert late.states[ids[3]][1] is None, "who has left stays away"
        assert [cursor(late, me) for me in ids[:3]] == [128, 129, 126]
    assert [one.said("closed") for one in everyone[:3]] == [[], [], []]


async def test_who_shows_no_cursor_sends_nobody_away(server: ServerProcess, join_by_y_websocket: JoinByYWebsocket) -> None:
    """A program with somebody's token and nothing to show still re-sends all that it hears, as its first word."""
    room = Room.open(server.url)
    token = room.join("Lin")
    async with Client(server.url, room.id, room.host) as ada, Client(server.url, room.id, token) as lin:
        await lin.present(22, 1, {"cursor": 1})
        await ada.present(11, 1, {"cursor": 2})
        program = await join_by_y_websocket(server.url, room.id, token)
        await program.tell(do="hide")
        await connected(program)
        since = program.heard
        await program.tell(do="disconnect")
        await program.tell(do="connect")
        await connected(program, since)
        for number in range(10):
            await lin.present(22, 2 + number, {"cursor": 10 + number})
        await program.wait(lambda event: event["event"] == "people" and event["states"].get("22", {}).get("cursor") == 19)
        await ada.until(lambda: cursor(ada, 22) == 19)
        await program.tell(do="insert", at=0, text="done")
        await ada.until_text("done")  # all that it sent before was taken
        await lin.until_text("done")
        assert (lin.closed, ada.closed, program.said("closed")[1:]) == (None, None, [])
        await lin.present(22, 99, {"cursor": 99})
        await ada.until(lambda: cursor(ada, 22) == 99)


async def test_who_sleeps_is_gone_and_wakes_up_as_before(start_server: StartServer, join_by_y_websocket: JoinByYWebsocket) -> None:
    server = start_server(heartbeat_seconds=1)
    room = Room.open(server.url)
    lin = await join_by_y_websocket(server.url, room.id, room.join("Lin"))
    async with Client(server.url, room.id, room.host) as ada:
        me = await lin.present(cursor=5)
        await ada.until(lambda: cursor(ada, me) == 5)
        lin.send_signal(signal.SIGSTOP)
        try:
            await ada.until(lambda: ada.states[me][1] is None)
            await ada.insert(0, "meanwhile")
        finally:
            lin.send_signal(signal.SIGCONT)
        await lin.wait_text("meanwhile")
        await ada.until(lambda: cursor(ada, me) == 5)
        await lin.tell(do="insert", at=0, text="back, ")
        await ada.until_text("back, meanwhile")


async def test_who_is_cut_off_is_gone_and_comes_back_by_itself(start_server: StartServer, join_by_y_websocket: JoinByYWebsocket) -> None:
    """No packet arrives any more, and nobody says so; y-websocket notices after 30 seconds of silence."""
    server = start_server(heartbeat_seconds=1)
    room = Room.open(server.url)
    async with Proxy(server.url) as network, Client(server.url, room.id, room.host) as ada:
        lin = await join_by_y_websocket(network.url, room.id, room.join("Lin"), speed=FAST)
        me = await lin.present(cursor=5)
        await ada.until(lambda: cursor(ada, me) == 5)
        network.freeze()
        await ada.until(lambda: ada.states[me][1] is None)
        await ada.until(lambda: cursor(ada, me) == 5)
        assert {event["code"] for event in lin.said("closed")} == {None}


async def test_a_new_connection_takes_over_from_one_that_hangs(server: ServerProcess, join_by_y_websocket: JoinByYWebsocket) -> None:
    """The client knows that its network went away, the server does not: the cursor moves on, and is never two or none."""
    room = Room.open(server.url)
    async with Proxy(server.url) as network, Client(server.url, room.id, room.host) as ada:
        lin = await join_by_y_websocket(network.url, room.id, room.join("Lin"))
        me = await lin.present(cursor=0)
        await ada.until(lambda: cursor(ada, me) == 0)
        for number in range(1, 4):
            since = lin.heard
            network.freeze()
            network.forget_clients()
            await connected(lin, since)
            await lin.present(cursor=number)
            await ada.until(lambda number=number: cursor(ada, me) == number)
            assert not [entry for entry in presence_heard(ada) if entry.client == me and entry.state == GONE]
            assert {client for client, (_, state) in ada.states.items() if state} == {me}
        assert not [event for event in lin.said("closed") if event["code"] == 4409]
        assert not [event for event in ada.events if event["type"] == "member.left"]


@pytest.mark.parametrize("crash", [True, False])
async def test_who_crashes_or_leaves_is_gone(server: ServerProcess, join_by_y_websocket: JoinByYWebsocket, crash: bool) -> None:
    room = Room.open(server.url)
    lin = await join_by_y_websocket(server.url, room.id, room.join("Lin"))
    eve = await join_by_y_websocket(server.url, room.id, room.join("Eve"))
    async with Client(server.url, room.id, room.host) as ada:
        me = await lin.present(cursor=5)
        await ada.until(lambda: cursor(ada, me) == 5)
        await eve.wait(lambda event: event["event"] == "people" and str(me) in event["states"])
        since = eve.heard
        if crash:
            lin.send_signal(signal.SIGKILL)
        else:
            await lin.leave()
        await ada.until(lambda: ada.states[me][1] is None)
        await eve.wait(lambda event: event["event"] == "people" and str(me) not in event["states"], since=since)
        await ada.event("member.left")


async def test_who_is_alone_stays_connected(start_server: StartServer, join_by_y_websocket: JoinByYWebsocket) -> None:
    """y-websocket gives a connection up on which no message came for 30 seconds, and pings are none."""
    speed = 15
    server = start_server(heartbeat_seconds=max(1, round(Settings().heartbeat_seconds / speed)))
    room = Room.open(server.url)
    lin = await join_by_y_websocket(server.url, room.id, room.host, speed=speed)
    await connected(lin)
    for _ in range(5):
        await lin.wait(lambda event: event["event"] == "renewed", since=lin.heard)
    assert lin.said("closed") == []


async def test_who_is_cut_off_is_gone_within_30_seconds() -> None:
    """By the defaults: heard just before a beat, pinged at it, silent at the next one; a beat comes up to a second late."""
    assert 2 * round(Settings().heartbeat_seconds) + 1 <= 30
