"""Any interleaving of edits, disconnects and restarts ends with every client and the journal holding the same text, and
with everything in it that was ever said to be saved."""

import random
from pathlib import Path

import pytest
import websockets

from tests.server import ServerProcess
from tests.wire.client import Client, Room

STEPS = 45


class Person:
    """A client with a memory: which of its words were said to be saved."""

    def __init__(self, client: Client, name: str) -> None:
        self.client, self.name = client, name
        self.online = False
        self.words: list[tuple[int, str]] = []  # the message's number in this connection, the word
        self.saved: set[str] = set()
        self.made = 0

    async def connect(self) -> None:
        offline = [word for _, word in self.words]
        self.words.clear()
        await self.client.connect()
        self.online = self.client.closed is None
        self.words = [(1, word) for word in offline]  # its step 2 carries them

    def settle(self) -> None:
        self.saved |= {word for number, word in self.words if self.online and number <= self.client.saved}
        self.words = [(number, word) for number, word in self.words if word not in self.saved]

    async def write(self, chance: random.Random) -> None:
        self.made += 1
        word = f"[{self.name}{self.made}]"
        text = self.client.text
        text.insert(chance.randint(0, len(text)) if len(text) else 0, word)
        if self.online:
            try:
                await self.client.flush()
            except websockets.ConnectionClosed:
                self.online = False
        self.words.append((self.client.sent if self.online else 1, word))

    async def lose(self) -> None:
        self.settle()
        if self.online:
            self.online = False
            await self.client.drop()


@pytest.mark.parametrize("seed", range(3))
async def test_everybody_and_the_journal_end_with_the_same_text(quick_dir: Path, seed: int) -> None:
    chance = random.Random(seed)
    server = ServerProcess(quick_dir)
    server.start()
    try:
        room = Room.open(server.url)
        tokens = [room.host, room.join("Lin"), room.join("Kim")]
        people = [Person(Client(server.url, room.id, token), name) for token, name in zip(tokens, "ABC", strict=True)]
        for person in people:
            await person.connect()
        for _ in range(STEPS):
            await one_step(chance, server, people)
        for person in people:
            if not person.online:
                await person.connect()
        for person in people:
            await person.client.until_saved()
            person.settle()
        await everybody_holds(people)
        server.kill()
        server.start()
        async with Client(server.url, room.id, room.host) as fresh:
            text = str(fresh.text)
        assert text == str(people[0].client.text)
        for person in people:
            await person.lose()
            assert not person.words
            assert all(whole_word(text, word) for word in person.saved), f"seed {seed}: something that was saved is not there"
    finally:
        server.stop()


async def one_step(chance: random.Random, server: ServerProcess, people: list[Person]) -> None:
    person = chance.choice(people)
    match chance.choices(["write", "wait", "leave", "return", "kill"], [60, 12, 10, 14, 4])[0]:
        case "write":
            for _ in range(chance.randint(1, 4)):
                await person.write(chance)
        case "wait" if person.online:
            await person.client.until_saved()
        case "leave":
            await person.lose()
        case "return" if not person.online:
            await person.connect()
        case "kill":
            server.kill()
            for one in people:
                await one.lose()
            server.start()
        case _:
            pass
    for one in people:
        one.settle()


async def everybody_holds(people: list[Person]) -> None:
    """Each asks the server for what it lacks; then all texts are equal."""
    for person in people:
        await person.client.answered()
    texts = {str(person.client.text) for person in people}
    assert len(texts) == 1


def whole_word(text: str, word: str) -> bool:
    """Others may have written inside a word, so its letters are looked for in order, once each."""
    at = -1
    for letter in word:
        at = text.find(letter, at + 1)
        if at < 0:
            return False
    return True
