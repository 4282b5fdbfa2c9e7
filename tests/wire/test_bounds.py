"""What a client may make up: at the edge of each bound it is taken, past it the sender alone is sent away."""

from collections.abc import Iterator

import httpx
import pytest
from pycrdt import Map

from fourhands.model.limits import Limits
from fourhands.protocol import awareness, sync
from fourhands.protocol.varint import write_varuint
from fourhands.room.document import MOST_STRANGERS
from tests.server import ServerProcess
from tests.wire.client import Client, Room, bearer, clients


def vector(count: int) -> bytes:
    """A state vector of so many clients."""
    return write_varuint(count) + b"".join(write_varuint(client) + b"\x01" for client in range(1, count + 1))


def by_clients(first: int, count: int, *, clock: int = 0) -> bytes:
    """An update by so many clients, a letter each."""
    structs = [b"\x01" + write_varuint(client) + write_varuint(clock) + b"\x04\x01\x09file:main\x01x" for client in range(first, first + count)]
    return write_varuint(count) + b"".join(structs) + b"\x00"


async def test_state_vectors_name_so_many_clients(server: ServerProcess) -> None:
    room = Room.open(server.url)  # its document has one client
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        await ada.socket.send(sync.step1(vector(MOST_STRANGERS + 1)))
        await ada.answered()
        await ada.socket.send(sync.step1(vector(MOST_STRANGERS + 2)))
        assert await ada.until_closed() == 4413
        await lin.insert(0, "x")
        await lin.until_saved()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of little bounds."""
    process = ServerProcess(tmp_path_factory.mktemp("small"), env={"FOURHANDS_DOCUMENT_CLIENTS": "16", "FOURHANDS_FILES_PER_ROOM": "3"})
    process.start()
    yield process
    process.stop()


async def test_so_many_clients_write_in_a_document(small: ServerProcess) -> None:
    server = small
    room = Room.open(server.url)  # its document has one client
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        await ada.bring(by_clients(100, 15))
        await ada.until_saved()
        await lin.until_text("x" * 15)
        await lin.insert(0, "y")
        assert await lin.until_closed() == 4413
        assert "16 pages have written" in (lin.socket.close_reason or "")
        await ada.socket.send(sync.update(by_clients(100, 1, clock=1)))  # who wrote before writes on
        ada.sent += 1
        await ada.until_saved()
        async with Client(server.url, room.id, room.join("Vic")) as vic:
            await vic.until_text("x" * 16)


async def test_a_room_holds_so_many_files(small: ServerProcess) -> None:
    room = Room.open(small.url)
    async with clients(Client(small.url, room.id, room.host), Client(small.url, room.id, room.join())) as (ada, lin):
        files = ada.doc.get("files", type=Map)
        long = "ü" * 100_000 + ".py"  # of a file's name there is no bound but the document's; what is shown of it is cut
        for number, name in enumerate(("b.py", long)):
            files[f"new{number}"] = Map({"name": name, "language": "python", "order": 1.0 + number})
            await ada.flush()
        await ada.until_saved()
        await lin.until(lambda: len(lin.doc.get("files", type=Map)) == 3)
        answer = httpx.get(f"{small.url}/api/rooms/{room.id}", headers=bearer(room.host)).json()
        assert [file["name"] for file in answer["files"]] == ["main.py", "b.py", "ü" * 1_024]
        files["new2"] = Map({"name": "d.py", "language": "python", "order": 4.0})
        await ada.flush()
        assert await ada.until_closed() == 4413
        await lin.insert(0, "x")
        await lin.until_saved()
        assert len(lin.doc.get("files", type=Map)) == 3


async def test_a_persons_name_has_so_many_letters(server: ServerProcess) -> None:
    most = Limits().name_characters
    room = Room.open(server.url, name="ü" * most)
    assert room.ask_to_join("林" * most).status_code == 200
    refused = room.ask_to_join("x" * (most + 1))
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")
    assert f"{most} characters" in refused.json()["detail"]
    async with Client(server.url, room.id, room.host) as ada:
        await ada.say("member.change", name="x" * (most + 1))
        assert f"{most} characters" in (await ada.event("error"))["message"]
        await ada.say("member.change", name="林" * most)
        assert (await ada.event("member.changed"))["member"]["name"] == "林" * most


async def test_deep_events_are_answered(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.socket.send(sync.event(b'{"type":"chat","deep":' + b"[" * 100_000))
        assert (await ada.event("error"))["code"] == "invalid_request"
        await ada.insert(0, "still here")
        await ada.until_saved()


@pytest.mark.parametrize("states", [64, 65])
async def test_presence_holds_so_many_states(server: ServerProcess, states: int) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        gone = [awareness.Entry(1000 + number, 1, awareness.GONE) for number in range(states)]
        await ada.socket.send(sync.awareness(awareness.encode(gone)))
        if states == 64:
            await ada.answered()
        else:
            assert await ada.until_closed() == 4400
        await lin.insert(0, "x")
        await lin.until_saved()


@pytest.mark.parametrize("more", [0, 1])
async def test_a_state_holds_so_many_bytes(server: ServerProcess, more: int) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        empty = b'{"note":""}'
        state = empty[:-2] + b"x" * (Limits().awareness_bytes - len(empty) + more) + empty[-2:]
        await ada.socket.send(sync.awareness(awareness.encode([awareness.Entry(7, 1, state)])))
        if more:
            assert await ada.until_closed() == 4400
            await lin.insert(0, "x")
            await lin.until_saved()
            assert 7 not in lin.states
        else:
            await lin.until(lambda: 7 in lin.states)


async def test_deep_presence_harms_nobody_else(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join())) as (ada, lin):
        deep = awareness.Entry(7, 1, b'{"user":{},"deep":' + b"[" * 8000 + b"]" * 8000 + b"}")
        await ada.socket.send(sync.awareness(awareness.encode([deep])))
        await ada.until_closed()
        await lin.insert(0, "x")
        await lin.until_saved()
        assert 7 not in lin.states
