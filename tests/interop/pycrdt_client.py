"""pycrdt's own provider over a WebSocket as one more person."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

import websockets
from pycrdt import Doc, Provider, Text

SECONDS = 30.0


class SocketChannel:
    """What pycrdt's `Provider` wants of a connection."""

    def __init__(self, socket: websockets.ClientConnection, path: str) -> None:
        self._socket = socket
        self.path = path

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await self.recv()
        except websockets.ConnectionClosed:
            raise StopAsyncIteration from None

    async def send(self, message: bytes) -> None:
        await self._socket.send(message)

    async def recv(self) -> bytes:
        message = await self._socket.recv()
        assert isinstance(message, bytes), "the server sends binary messages alone"
        return message


class PycrdtClient:
    """A document that follows a room while the client is entered."""

    def __init__(self, server_url: str, room: str, token: str) -> None:
        self.address = f"{server_url.replace('http', 'ws', 1)}/sync/{room}?token={token}"
        self.doc: Doc[Text] = Doc()
        self.text = self.doc.get("file:main", type=Text)
        self._changed = asyncio.Event()
        self._subscription = self.text.observe(lambda _: self._changed.set())
        self._inside = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._inside.enter_async_context(self._connected())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._inside.aclose()

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[None]:
        async with websockets.connect(self.address) as socket, Provider(self.doc, SocketChannel(socket, self.address)):
            yield

    async def wait_text(self, text: str) -> None:
        """Until its document's text is this. Raises `TimeoutError` with what it is instead."""
        try:
            async with asyncio.timeout(SECONDS):
                while str(self.text) != text:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise TimeoutError(f"its text is {str(self.text)!r}") from None
