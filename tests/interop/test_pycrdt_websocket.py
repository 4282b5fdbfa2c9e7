"""A room of pycrdt-websocket, unmodified, that follows one of ours as a client: texts both ways, and presence. It sends back all
that it hears, updates and others' states alike, and is not punished for it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import websockets
from pycrdt import Text
from pycrdt.websocket import YRoom

from fourhands.protocol.sync import Kind
from tests.interop.pycrdt_client import SECONDS, SocketChannel
from tests.server import ServerProcess
from tests.wire.client import Client, Room

pytestmark = pytest.mark.asyncio(loop_scope="session")


@contextlib.asynccontextmanager
async def following(server_url: str, room: Room) -> AsyncIterator[YRoom]:
    """Such a room, and its connection to ours."""
    address = f"{server_url.replace('http', 'ws', 1)}/sync/{room.id}?token={room.join('Lin')}"
    async with websockets.connect(address) as socket, YRoom() as theirs:
        serving = asyncio.ensure_future(theirs.serve(SocketChannel(socket, address)))
        yield theirs
        assert socket.close_code is None
        assert not serving.done()
        await socket.close()
        await serving


def shows(client: Client, cursor: int) -> bool:
    """Whether anybody's cursor stands there, as this client sees it."""
    return any(state is not None and state.get("cursor") == cursor for _, state in client.states.values())


async def test_a_room_of_pycrdt_websocket_follows_ours(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.insert(0, "ours ")
        await ada.present(7001, 1, {"cursor": 3})
        async with following(server.url, room) as theirs:
            text, come = theirs.ydoc.get("file:main", type=Text), asyncio.Event()
            _watching = text.observe(lambda _: come.set())
            theirs.awareness.set_local_state({"cursor": 5})
            await ada.until(lambda: shows(ada, 5))
            await ada.insert(5, "and ")
            async with asyncio.timeout(SECONDS):
                while str(text) != "ours and ":
                    come.clear()
                    await come.wait()
            text += "theirs"
            await ada.until_text("ours and theirs")
            await ada.answered()
            assert theirs.awareness.states[7001]["user"]["name"] == "Ada"
            heard = sum(message.kind is Kind.UPDATE for message in ada.messages)
        await ada.until(lambda: not shows(ada, 5))
        assert heard == 1  # what came back was known
