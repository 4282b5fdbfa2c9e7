"""One room with its people and its ledger."""

import asyncio
import random

from tests.server import ServerProcess
from tests.soak.ledger import Ledger
from tests.soak.typist import OnSaid, Typist, agree, read
from tests.wire.client import Room

NAMES = ("Ada", "Lin", "Grace", "Kurt")


class Crowd:
    """People who write in one room of a server that may end at any moment."""

    def __init__(self, server: ServerProcess, chance: random.Random, people: int = 3, *, on_said: OnSaid | None = None) -> None:
        self._chance, self._on_said = chance, on_said
        self.room, self.ledger = Room.open(server.url), Ledger()
        self.people = [self._person(name) for name in NAMES[:people]]
        self._works: list[asyncio.Task[None]] = []

    def _person(self, name: str) -> Typist:
        person = Typist(self.room, self.ledger, self._chance, name, on_said=self._on_said)
        person.start()
        return person

    def begin(self, actions: int) -> None:
        """Everybody works, also while there is no server."""
        self._works = [asyncio.create_task(person.work(actions)) for person in self.people]

    async def finish(self) -> None:
        """Wait until everybody has done their work."""
        await asyncio.gather(*self._works)

    def hold_back(self) -> None:
        """Nobody connects until `let_in`."""
        for person in self.people:
            person.door.clear()

    async def let_in(self) -> None:
        """The old people come back, and in place of some come others, who bring nothing."""
        for number, person in enumerate(self.people):
            if self._chance.random() < 0.25:
                await person.end()
                self.people[number] = self._person(person.name)
            person.door.set()

    async def leave(self) -> None:
        """Everybody is gone for a while, with their documents."""
        self.hold_back()
        for person in self.people:
            if person.is_connecting:
                await person.until(lambda person=person: person.synced or person.closed is not None)
            if person.is_connected:
                await person.drop()

    async def read(self) -> str:
        """What a newcomer finds, checked against the ledger."""
        return await read(self.room, self.ledger)

    async def agree(self) -> str:
        """Everybody comes to one text by themselves, and it is checked."""
        return await agree(self.people, self.ledger)

    async def end(self) -> None:
        for person in self.people:
            await person.end()
