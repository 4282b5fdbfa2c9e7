"""`saved` is said only after the commit, counts exactly, and is true after any crash."""

import random

import websockets

from fourhands.protocol import sync
from tests.server import ServerProcess
from tests.wire.client import Client, Room, clients
from tests.wire.conftest import StartServer


async def test_the_first_words_are_welcome_and_step_1(server: ServerProcess) -> None:
    room = Room.open(server.url, title="Pairing", language="go")
    async with Client(server.url, room.id, room.host) as ada:
        assert ada.messages[0].kind is sync.Kind.EVENT
        assert ada.messages[1].kind is sync.Kind.STEP1
        welcome = await ada.event("welcome")
        assert (welcome["me"]["name"], welcome["me"]["role"]) == ("Ada", "host")
        assert (welcome["room"]["title"], welcome["room"]["language"]) == ("Pairing", "go")
        assert [member["name"] for member in welcome["members"]] == ["Ada"]


async def test_a_plain_client_hears_no_events(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join(), plain=True)) as (ada, lin):
        await ada.insert(0, "x")
        await lin.until_text("x")
        assert lin.events == []


async def test_the_count_includes_empty_messages(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.until(lambda: ada.saved == 1)  # its own step 2, which was empty
        ada.sent += 1
        await ada.socket.send(sync.update(sync.EMPTY_UPDATE))
        await ada.until(lambda: ada.saved == 2)
        await ada.insert(0, "x")
        await ada.until(lambda: ada.saved == 3)
        assert [event["count"] for event in ada.events if event["type"] == "saved"] == [1, 2, 3]


async def test_an_edit_sent_twice_is_kept_once_and_counted_twice(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.insert(0, "once")
        for _ in range(2):
            ada.sent += 1
            await ada.socket.send(sync.step2(ada.doc.get_update()))
        await ada.until_saved()
        assert str(ada.text) == "once"
    async with Client(server.url, room.id, room.host) as again:
        assert str(again.text) == "once"


async def test_what_was_said_to_be_saved_survives_kill_at_that_moment(start_server: StartServer) -> None:
    server = start_server()
    room = Room.open(server.url)
    chance = random.Random(7)
    saved: list[str] = []
    for turn in range(5):  # tests/soak/test_kill.py does it hundreds of times
        ada = Client(server.url, room.id, room.host)
        await ada.connect()
        text = str(ada.text)
        assert all(word in text for word in saved), f"lost in turn {turn}"
        words = [f"<{turn}.{number}>" for number in range(40)]
        stop_at = chance.randrange(2, 30)
        try:
            for word in words:
                await ada.insert(len(ada.text), word)
                if chance.random() < 0.3:
                    await ada.answered()
                if ada.saved >= stop_at:
                    break
            await ada.until(lambda ada=ada, stop_at=stop_at: ada.saved >= stop_at)
        except websockets.ConnectionClosed:
            pass
        server.kill()
        saved += words[: max(0, ada.saved - 1)]  # the first message is the step 2
        await ada.drop()
        server.start()
    async with Client(server.url, room.id, room.host) as ada:
        text = str(ada.text)
        assert all(text.count(word) == 1 for word in saved)
        assert len(saved) > 8


async def test_deletions_survive_kill_too(start_server: StartServer) -> None:
    server = start_server()
    room = Room.open(server.url)
    ada = Client(server.url, room.id, room.host)
    await ada.connect()
    await ada.insert(0, "keep secret keep")
    del ada.text[5:12]
    await ada.flush()
    await ada.until_saved()
    server.kill()
    await ada.drop()
    server.start()
    async with Client(server.url, room.id, room.host) as again:
        assert str(again.text) == "keep keep"


async def test_a_page_that_comes_back_brings_what_was_not_saved(start_server: StartServer) -> None:
    server = start_server()
    room = Room.open(server.url)
    ada = Client(server.url, room.id, room.host)
    await ada.connect()
    server.kill()
    await ada.drop()
    ada.text.insert(0, "written offline")
    server.start()
    await ada.connect()
    await ada.until_saved()
    await ada.leave()
    async with Client(server.url, room.id, room.host) as lin:
        assert str(lin.text) == "written offline"


async def test_stopping_saves_everything_and_asks_to_come_back(start_server: StartServer) -> None:
    server = start_server()
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join(), plain=True)) as (ada, lin):
        for number in range(50):
            await ada.insert(0, f"{number},")
        await ada.answered()  # taken, perhaps not yet saved
        server.stop()
        assert await ada.until_closed() == 1012
        assert await lin.until_closed() == 1012
    server.start()
    async with Client(server.url, room.id, room.host) as again:
        assert str(again.text) == str(ada.text)
