"""A large update is read in steps: others go on, and what its own connection sends stays in order."""

import asyncio
from typing import Any

import httpx
import pytest
from pycrdt import Doc, Text

from tests.server import ServerProcess
from tests.wire.client import Client, Room, bearer, clients
from tests.wire.conftest import StartServer

WORDS = 60_000
CURSOR = 99


def written(words: int = WORDS, file: str = "main") -> "Doc[Any]":
    """A document of many small pieces, which takes long to read: over a megabyte at the default."""
    doc: Doc[Any] = Doc()
    text = doc.get(f"file:{file}", type=Text)
    for start in range(0, words, 1000):
        with doc.transaction():
            for number in range(start, min(words, start + 1000)):
                text.insert(0 if number % 2 else number // 2, f"{number % 10_000:04}")
    return doc


@pytest.fixture(scope="module")
def history() -> bytes:
    return written().get_update()


async def test_what_comes_behind_it_stays_in_order(server: ServerProcess, history: bytes) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        before = ada.sent
        await ada.bring(history)
        for number in range(200):
            await ada.insert(0, f"<{number}>")  # each builds on what is still being read
        await ada.present(CURSOR, 1, {"here": True})
        await ada.until_saved()
        assert ada.sent == before + 201
        await lin.until(lambda: CURSOR in lin.states and str(lin.text) == str(ada.text))
        counts = [event["count"] for event in ada.events if event["type"] == "saved"]
        assert counts == sorted(counts)


async def test_several_of_them_in_a_row(server: ServerProcess, history: bytes) -> None:
    room = Room.open(server.url)
    others = [written(8000, str(number)).get_update() for number in range(3)]
    async with Client(server.url, room.id, room.host) as ada:
        for update in [history, *others, history]:
            await ada.bring(update)
        await ada.until_saved()
    async with Client(server.url, room.id, room.host) as again:
        for file in ("main", "0", "1", "2"):
            assert str(again.doc.get(f"file:{file}", type=Text)) == str(ada.doc.get(f"file:{file}", type=Text))


async def test_a_goodbye_right_behind_it_waits_for_it(server: ServerProcess, history: bytes) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.bring(history)
        await ada.leave()
        assert ada.closed == 1000
    async with Client(server.url, room.id, room.host) as again:
        assert len(again.text) == 4 * WORDS


async def test_who_is_cut_off_while_it_is_read_harms_nobody(server: ServerProcess, history: bytes) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as lin:
        ada = Client(server.url, room.id, room.join())
        await ada.connect()
        await ada.bring(history)
        await ada.drop()
        await lin.insert(0, "x")
        await lin.until_saved()
        assert str(lin.text).count("x") == 1


async def test_one_that_is_none_costs_its_sender_alone(server: ServerProcess, history: bytes) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        await ada.bring(history, broken=True)
        await ada.insert(0, "behind it")
        assert await ada.until_closed() == 4400
        await lin.insert(0, "x")
        await lin.until_saved()
    async with Client(server.url, room.id, room.host) as again:
        assert str(again.text) == "x"


async def test_a_viewer_s_is_refused_and_answered(server: ServerProcess, history: bytes) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.join(role="viewer")) as lin:
        await lin.bring(history)
        await lin.until_saved()
        refused = await lin.event("error")
        assert (refused["code"], refused["sync"]) == ("forbidden", lin.sent)


async def test_a_room_that_ends_meanwhile_takes_none(server: ServerProcess, history: bytes) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.bring(history)
        await asyncio.to_thread(httpx.delete, f"{server.url}/api/rooms/{room.id}", headers=bearer(room.host))
        assert await ada.until_closed() == 4410


async def test_another_room_goes_on_while_it_is_taken(server: ServerProcess, history: bytes) -> None:
    room, other = Room.open(server.url), Room.open(server.url)
    async with (
        Client(server.url, room.id, room.host) as ada,
        clients(Client(server.url, other.id, other.host), Client(server.url, other.id, other.join())) as (bob, eve),
    ):
        await ada.bring(history)
        saved = asyncio.ensure_future(ada.until_saved())
        while not saved.done():
            await bob.insert(0, "x")
            await eve.until_text(str(bob.text))
        await saved
        assert len(eve.text) > 3


async def test_who_is_cut_off_midway_leaves_what_came_in(server: ServerProcess, history: bytes) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as lin:
        ada = Client(server.url, room.id, room.join())
        await ada.connect()
        await ada.bring(history)
        await lin.until(lambda: len(lin.text) > 0)
        await ada.drop()
        await lin.insert(0, "x")
        await lin.until_saved()
        async with Client(server.url, room.id, room.join()) as again:
            await again.until_text(str(lin.text))
            await again.bring(history)  # what is missing comes with the next step 2
            await again.until_saved()
            assert len(again.text) == 4 * WORDS + 1


async def test_a_stop_midway_keeps_what_came_in(start_server: StartServer, history: bytes) -> None:
    server = start_server()
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        await ada.bring(history)
        await lin.until(lambda: len(lin.text) > 0)
        assert await asyncio.to_thread(server.stop) == 0
        assert await ada.until_closed() == 1012
    server.start()
    async with Client(server.url, room.id, room.host) as again:
        await again.until(lambda: len(again.text) > 0)
        await again.bring(history)
        await again.until_saved()
        assert len(again.text) == 4 * WORDS
