"""A hand-made client of the wire, as docs/protocol.md describes it: it counts, waits by events, and never sleeps."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Self

import httpx
import websockets
from pycrdt import Doc, Map, Text, TransactionEvent

from fourhands.protocol import awareness, sync
from fourhands.protocol.sync import Kind, Message

SECONDS = 30.0
Event = dict[str, Any]


class Room:
    """A room opened over HTTP."""

    def __init__(self, url: str, opened: Event) -> None:
        self.url, self.opened, self.id, self.host = url, opened, str(opened["id"]), str(opened["token"])

    @classmethod
    def open(cls, url: str, **body: object) -> Self:
        answer = httpx.post(f"{url}/api/rooms", json={"name": "Ada", **body})
        assert answer.status_code == 201, answer.text
        return cls(url, answer.json())

    def key(self, role: str) -> str:
        return str(self.opened[f"{role}_url"]).partition("#")[2]

    def join(self, name: str = "Lin", *, key: str | None = None, token: str | None = None, role: str | None = None) -> str:
        """A token for somebody; `role` takes that invitation's key."""
        answer = self.ask_to_join(name, key=self.key(role) if role else key, token=token)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def ask_to_join(self, name: str, *, key: str | None = None, token: str | None = None) -> httpx.Response:
        return httpx.post(f"{self.url}/api/rooms/{self.id}/join", json={"name": name, "key": key}, headers=bearer(token))


def bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


class Client:
    """One connection of `fourhands.v1` (or, with `plain`, of y-websocket's kind) with a document of its own.

    Invariant: `sent` is what the server counts: sync messages of kind step 2 and update.
    """

    def __init__(
        self,
        server_url: str,
        room: str,
        token: str | None = None,
        *,
        plain: bool = False,
        doc: "Doc[Any] | None" = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        query = f"?token={token}" if token else ""
        self.address = f"{server_url.replace('http', 'ws', 1)}/sync/{room}{query}"
        self.plain = plain
        self.headers = headers or {}
        self.doc: Doc[Any] = doc if doc is not None else Doc()
        self.text = self.doc.get("file:main", type=Text)
        self.sent = self.saved = 0
        self.synced = False
        self.events: list[Event] = []
        self.messages: list[Message] = []
        self.states: dict[int, tuple[int, Event | None]] = {}
        self.socket: websockets.ClientConnection
        self._changed = asyncio.Event()
        self._own: list[bytes] = []
        self._subscription = self.doc.observe(self._note)
        self._remote = False
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.leave()

    async def connect(self) -> None:
        """Connect and, unless the server refuses, be in step with it."""
        await self.connect_only()
        await self.until(lambda: self.synced or self.closed is not None)

    async def connect_only(self) -> None:
        """Connect, whether or not one is let in."""
        self.sent = self.saved = 0
        self.synced = False
        self.events.clear()
        protocols = None if self.plain else [websockets.Subprotocol("fourhands.v1")]
        self.socket = await websockets.connect(
            self.address, subprotocols=protocols, additional_headers=self.headers, max_size=None, ping_interval=None, compression=None, open_timeout=SECONDS
        )
        self._reader = asyncio.create_task(self._read())

    async def leave(self) -> None:
        await self.socket.close()
        if self._reader:
            await self._reader

    async def drop(self) -> None:
        """The cable is pulled: no close frame."""
        self.socket.transport.abort()
        if self._reader:
            await self._reader

    @property
    def closed(self) -> int | None:
        """The close code, once the connection is closed."""
        return self.socket.close_code

    async def until(self, holds: Callable[[], object], seconds: float = SECONDS) -> None:
        """Wait until it holds; looked at after every message."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise TimeoutError(f"waited in vain; text {str(self.text)!r}, events {self.events[-5:]}, closed {self.closed}") from None

    async def event(self, kind: str, *, seconds: float = SECONDS, **fields: object) -> Event:
        """The first event of that type with those fields, waited for."""
        found: list[Event] = []

        def come() -> bool:
            found[:] = [one for one in self.events if one["type"] == kind and fields.items() <= one.items()]
            return bool(found)

        await self.until(come, seconds)
        return found[0]

    async def until_closed(self) -> int:
        await self.until(lambda: self.closed is not None)
        assert self.closed is not None
        return self.closed

    async def until_text(self, text: str) -> None:
        await self.until(lambda: str(self.text) == text)

    async def until_saved(self) -> None:
        """All that this connection sent is durable."""
        await self.until(lambda: self.saved >= self.sent)

    async def say(self, kind: str, **fields: object) -> None:
        await self.socket.send(sync.event(json.dumps({"type": kind, **fields}).encode()))

    async def insert(self, index: int, text: str) -> None:
        self.text.insert(index, text)
        await self.flush()

    async def add_file(self, name: str, text: str) -> None:
        """A further file of the room."""
        files, number = self.doc.get("files", type=Map), str(len(self.doc.get("files", type=Map)))
        files[f"f{number}"] = Map({"name": name, "language": "plaintext", "order": f"b{number}"})
        self.doc.get(f"file:f{number}", type=Text).insert(0, text)
        await self.flush()

    async def choose_language(self, language: str) -> None:
        files = self.doc.get("files", type=Map)
        files["main"]["language"] = language
        await self.flush()

    async def flush(self) -> None:
        """Send what was changed here."""
        own, self._own = self._own, []
        for update in own:
            self.sent += 1
            await self.socket.send(sync.update(update))

    async def bring(self, update: bytes, *, broken: bool = False) -> None:
        """Take over what was written elsewhere, and send it as a step 2; `broken`: its last byte is wrong."""
        self._apply(update)
        self.sent += 1
        await self.socket.send(sync.step2(update[:-1] + b"\xff" if broken else update))

    async def present(self, client: int, clock: int, state: Event | None) -> None:
        await self.socket.send(sync.awareness(awareness.encode([awareness.Entry(client, clock, json.dumps(state).encode())])))

    async def answered(self) -> None:
        """Wait until the server has taken all that was sent before: it answers a step 1 in its turn."""
        before = sum(message.kind is Kind.STEP2 for message in self.messages)
        await self.socket.send(sync.step1(self.doc.get_state()))
        await self.until(lambda: sum(message.kind is Kind.STEP2 for message in self.messages) > before)

    def _note(self, event: TransactionEvent) -> None:
        if not self._remote:
            self._own.append(event.update)

    def _apply(self, update: bytes) -> None:
        self._remote = True
        try:
            self.doc.apply_update(update)
        finally:
            self._remote = False

    async def _read(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            if self.plain:
                await self.socket.send(sync.step1(self.doc.get_state()))
            async for raw in self.socket:
                assert isinstance(raw, bytes)
                await self._take(sync.decode(raw))
                self._changed.set()
        await self.socket.wait_closed()
        self._changed.set()

    async def _take(self, message: Message) -> None:
        self.messages.append(message)
        match message.kind:
            case Kind.STEP1:
                self._own.clear()  # the step 2 carries it
                self.sent += 1
                await self.socket.send(sync.step2(self.doc.get_update(message.payload)))
            case Kind.STEP2 | Kind.UPDATE:
                self._apply(message.payload)
                self.synced = self.synced or message.kind is Kind.STEP2
            case Kind.AWARENESS:
                for client, clock, state in awareness.decode(message.payload, 1000):
                    self.states[client] = (clock, json.loads(state))
            case Kind.EVENT:
                event = json.loads(message.payload)
                self.events.append(event)
                if event["type"] == "welcome":
                    await self.socket.send(sync.step1(self.doc.get_state()))
                elif event["type"] == "saved":
                    self.saved = event["count"]
            case _:
                pass


@contextlib.asynccontextmanager
async def clients(*wanted: Client) -> AsyncIterator[tuple[Client, ...]]:
    """Several clients, entered together."""
    async with contextlib.AsyncExitStack() as stack:
        for client in wanted:
            await stack.enter_async_context(client)
        yield wanted
