"""Somebody who types, pastes, deletes, chats, loses the connection and comes back by themselves, and notes what the server says of it."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence

import websockets

from fourhands.protocol.sync import Kind, Message
from tests.soak.ledger import CHARACTER_BYTES, Ledger
from tests.wire.client import SECONDS, Client, Room

OnSaid = Callable[[str], None]
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.02, 0.3


class Typist(Client):
    """A client of one room that connects by itself; `work` types whether it is connected or not.

    Invariant: `_held[n]` is what its document held when it sent the n-th message that the server counts on this connection.
    """

    def __init__(self, room: Room, ledger: Ledger, chance: random.Random, name: str = "Ada", *, on_said: OnSaid | None = None) -> None:
        super().__init__(room.url, room.id, room.host if name == "Ada" else room.join(name))
        self.name, self.ledger = name, ledger
        self.storage: list[bool] = []
        self._chance = chance
        self._on_said = on_said or (lambda what: None)
        self._held: list[tuple[str, int]] = []
        self._seen: dict[str, None] = {}
        self._cursor = 0
        self._living: asyncio.Task[None] | None = None
        self.door = asyncio.Event()  # closed: it waits before it connects again
        self.door.set()
        self.is_connecting = False

    def start(self) -> None:
        """Connect, and come back whenever the connection ends, until `end`."""
        self._living = asyncio.create_task(self._live())

    async def end(self) -> None:
        """Go away without a word."""
        if self._living is not None:
            self._living.cancel()
            await asyncio.gather(self._living, return_exceptions=True)
            self._living = None
        if hasattr(self, "socket"):
            await self.drop()

    async def _live(self) -> None:
        retry = FIRST_RETRY_SECONDS
        while True:
            await self.door.wait()
            try:
                self.is_connecting = True
                await self.connect()
                self.is_connecting = False
                retry = FIRST_RETRY_SECONDS
                await self.until_ended()
            except (OSError, TimeoutError, websockets.WebSocketException):
                retry = min(LAST_RETRY_SECONDS, retry * 2)
            self.synced = self.is_connecting = False
            await asyncio.sleep(retry * self._chance.random())

    async def connect(self) -> None:
        self._held.clear()
        self.storage.clear()
        await super().connect()

    async def until_ended(self) -> None:
        """Wait until this connection has ended, however long that takes."""
        await self.until(lambda: self.closed is not None, 3600)

    async def until_in_step(self, seconds: float = SECONDS * 2) -> None:
        """Wait until it is connected, and all that it holds is durable."""
        await self.until(self.is_in_step, seconds)

    @property
    def is_connected(self) -> bool:
        """Whether the server has been told all that the document held when the connection began."""
        return self.sent > 0 and self.closed is None

    def is_in_step(self) -> bool:
        return self.synced and self.is_connected and self.saved >= self.sent and not self._own

    # ---- typing ----------------------------------------------------------------------------------------------------

    async def work(self, actions: int, *, pause_seconds: float = 0.002) -> None:
        """So many things that people do: mostly single keys, some of them one after another."""
        for _ in range(actions):
            chance = self._chance.random()
            if chance < 0.7:
                self.put(1)
            elif chance < 0.85:
                self.remove(1)
            elif chance < 0.9:
                self.put(self._chance.randrange(2, 30))
            elif chance < 0.94:
                self.remove(self._chance.randrange(2, 12))
            elif chance < 0.97:
                self._cursor = self._chance.randrange(self.length + 1)
            elif chance < 0.997:
                await self.chat()
            elif self.is_connected:
                self.socket.transport.abort()  # the cable is pulled; it comes back
            await self.send()
            await asyncio.sleep(pause_seconds * self._chance.random())

    @property
    def length(self) -> int:
        """How many characters the text has."""
        return len(str(self.text))

    def put(self, count: int) -> None:
        """Type or paste at the cursor."""
        self._cursor = min(self._cursor, self.length)
        self.text.insert(self._cursor * CHARACTER_BYTES, self.ledger.type(count))
        self._cursor += count

    def remove(self, count: int) -> None:
        """Backspace so many times at once."""
        text = str(self.text)
        end = min(self._cursor, len(text))
        start = max(0, end - count)
        if start < end:
            self.ledger.delete(text[start:end])
            del self.text[start * CHARACTER_BYTES : end * CHARACTER_BYTES]
        self._cursor = start

    async def chat(self) -> None:
        if self.synced and self.is_connected:
            text = self.ledger.type(4)
            self.ledger.chat_sent.add(text)
            with contextlib.suppress(websockets.ConnectionClosed):
                await self.say("chat", text=text)

    async def send(self) -> None:
        """Send what was changed, if the server has had its step 2 here; else that carries it."""
        if not self.is_connected:
            self._own.clear()
        elif self._own:
            self._held += [self._holds()] * len(self._own)
            with contextlib.suppress(websockets.ConnectionClosed):
                await self.flush()

    # ---- what the server says --------------------------------------------------------------------------------------

    def _holds(self) -> tuple[str, int]:
        """The text, and how many characters were ever in it."""
        text = str(self.text)
        for one in text:
            self._seen[one] = None
        return text, len(self._seen)

    async def _take(self, message: Message) -> None:
        if message.kind is Kind.STEP1:
            self._held.append(self._holds())
        before = self.saved
        await super()._take(message)
        if message.kind is Kind.EVENT:
            event = self.events[-1]
            if event["type"] == "room.storage":
                self.storage.append(event["ok"])
            elif event["type"] == "chat":
                self.ledger.chat_saved.add(event["message"]["text"])
                self._on_said("chat")
            elif self.saved > before:
                self._acknowledged()
                self._on_said("saved")

    def _acknowledged(self) -> None:
        assert self.saved <= len(self._held), f"{self.saved} messages said to be saved of {len(self._held)}"
        text, seen = self._held[self.saved - 1]
        there = set(text)
        self.ledger.acknowledge(there, {one for one in list(self._seen)[:seen] if one not in there})


async def read(room: Room, ledger: Ledger) -> str:
    """The text as somebody finds it who never saw it, checked against what the server promised."""
    reader = Client(room.url, room.id, room.host)
    async with reader:
        welcome = await reader.event("welcome")
        text = str(reader.text)
        ledger.check(text)
        ledger.check_chat(message["text"] for message in welcome["chat"])
        return text


async def agree(people: Sequence[Typist], ledger: Ledger, seconds: float = SECONDS * 2) -> str:
    """Wait until all these, who are alive, are in step and have one text; it is checked. Raises `TimeoutError` or `AssertionError`."""
    held = {one for person in people for one in str(person.text)}

    def do_agree() -> bool:
        return all(person.is_in_step() for person in people) and len({str(person.text) for person in people}) == 1

    waits = [asyncio.create_task(person.until(do_agree, seconds)) for person in people]  # each looks when it hears something
    _, rest = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in rest:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)
    assert do_agree(), f"no agreement: {[(one.name, one.synced, one.closed, one.sent, one.saved, one.length, one.events[-1:]) for one in people]}"
    text = str(people[0].text)
    ledger.check_whole(text, held)
    return text
