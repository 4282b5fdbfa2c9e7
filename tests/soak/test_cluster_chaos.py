"""Instances, runners, Redis, PostgreSQL and the network between them are killed, cut and slowed down, and what the bus carries comes twice, while people of
one room write, chat, run programs and get other roles at different instances. Everybody comes to one text by themselves, nothing that was acknowledged is
lost, no program runs twice, and whoever comes later, to whichever instance, finds the same as those who were there."""

import asyncio
import contextlib
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any, NamedTuple

import httpx
import pytest
import websockets

from tests.cluster.topology import MISSING
from tests.soak.ledger import Ledger
from tests.soak.stage import MISHAPS, Repeater, Stage, running_stage
from tests.soak.typist import Typist, agree
from tests.wire.client import Client, Event, Room, bearer

ACTIONS = 50
AGREE_SECONDS = 90.0
FIND_SECONDS = 60.0
NAMES = ("Ada", "Lin", "Grace", "Kurt")
OPEN = {"queued", "running"}
_rounds = itertools.count(1)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    if MISSING:
        pytest.skip(MISSING)
    with running_stage() as made:
        yield made


class Mover(Typist):
    """Somebody who may go to another instance when they come back, as nginx would send them, and who starts programs.

    `heard`, `ran`: all chat that they were shown, by its text, and how they saw each program last; `role`: what they were last told to be.
    """

    def __init__(self, room: Room, ledger: Ledger, chance: random.Random, name: str, urls: list[str]) -> None:
        super().__init__(room, ledger, chance, name)
        self._path = self.address.partition("/sync/")[2]
        self._urls = urls
        self._number = next(_rounds)
        self.stays = chance.random() < 0.3
        self.asked: list[str] = []
        self.heard: list[str] = []
        self.ran: dict[str, str] = {}
        self.me: Event = {}

    async def connect(self) -> None:
        if not self.stays:
            self.go_to(self._chance.choice(self._urls))
        await super().connect()

    def go_to(self, url: str) -> None:
        """From the next connection on."""
        self.address = f"{url.replace('http', 'ws', 1)}/sync/{self._path}"

    async def chat(self) -> None:
        await super().chat()
        if self.synced and self.is_connected:
            self.asked.append(f"m{self._number:05}x{len(self.asked):05}")
            with contextlib.suppress(websockets.ConnectionClosed):
                await self.say("run.ask", run=self.asked[-1], language="python")

    async def _take(self, message: Any) -> None:
        count = len(self.events)
        await super()._take(message)
        for event in self.events[count:]:
            self._look(event)

    def _look(self, event: Event) -> None:
        match event["type"]:
            case "welcome":
                self.me = event["me"]
                self.heard = [message["text"] for message in event["chat"]]
                self.ran = {run["id"]: run["status"] for run in event["runs"]}
            case "chat":
                self.heard.append(event["message"]["text"])
            case "run.started":
                self.ran[event["run"]["id"]] = event["run"]["status"]
            case "run.stage":
                self.ran[event["run"]] = "running"
            case "run.ended":
                self.ran[event["run"]] = event["status"]
            case "member.changed" if event["member"]["id"] == self.me.get("id"):
                self.me = event["member"]
            case _:
                pass


class Found(NamedTuple):
    """What is known of a room at one instance, or by somebody who is in it: the text, chat by its texts, programs by their ends, and Kurt's role."""

    text: str
    chat: list[str]
    runs: Mapping[str, str]
    role: str


def seen_by(person: Mover, kurt: Mover) -> Found:
    return Found(str(person.text), sorted(person.heard), person.ran, kurt.me["role"])


async def found_at(url: str, room: Room, ledger: Ledger, kurt: Mover) -> Found:
    """By a newcomer at that instance; checked against what was promised."""
    async with Client(url, room.id, room.host) as reader:
        welcome = await reader.event("welcome")
        text = str(reader.text)
    ledger.check(text)
    ledger.check_chat(message["text"] for message in welcome["chat"])
    people = {member["id"]: member["role"] for member in welcome["members"]}
    return Found(
        text,
        sorted(message["text"] for message in welcome["chat"]),
        {run["id"]: run["status"] for run in welcome["runs"]},
        people.get(kurt.me["id"], f"{kurt.name} is not there"),
    )


class Host:
    """Gives Kurt one role and another, at any instance. `may_be`: what he may be by now: what was acknowledged last, and what was not since."""

    def __init__(self, room: Room, kurt: Mover, chance: random.Random, urls: list[str]) -> None:
        self._room, self._kurt, self._chance, self._urls = room, kurt, chance, urls
        self.may_be = {"editor"}

    async def work(self) -> None:
        async with httpx.AsyncClient(timeout=10, headers=bearer(self._room.host)) as client:
            for role in itertools.islice(itertools.cycle(("host", "editor")), self._chance.randrange(1, 5)):
                await asyncio.sleep(self._chance.random() * 0.3)
                if not (member := self._kurt.me.get("id")):
                    continue
                self.may_be.add(role)
                with contextlib.suppress(httpx.HTTPError):
                    url = f"{self._chance.choice(self._urls)}/api/rooms/{self._room.id}/members/{member}"
                    if (await client.patch(url, json={"role": role})).is_success:
                        self.may_be = {role}


@contextlib.asynccontextmanager
async def people_in(stage: Stage, chance: random.Random) -> AsyncIterator[tuple[Room, Ledger, list[Mover]]]:
    """A room that was opened at one instance, with people at all of them."""
    room, ledger = Room.open(chance.choice(stage.urls)), Ledger()
    people = [Mover(room, ledger, chance, name, stage.urls) for name in NAMES]
    for person in people:
        person.start()
    try:
        yield room, ledger, people
    finally:
        for person in people:
            await person.end()


async def until_passed(check: Callable[[], Awaitable[object]], seconds: float = FIND_SECONDS) -> None:
    """Until it raises no `AssertionError` any more. Raises the last one."""
    until = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            await check()
            return
        except AssertionError:
            if asyncio.get_running_loop().time() > until:
                raise
        await asyncio.sleep(0.2)


async def check_all(stage: Stage, room: Room, ledger: Ledger, people: list[Mover], may_be: set[str]) -> None:
    """Raises `AssertionError` where somebody, or an instance, knows anything else than the others, or what cannot be."""
    kurt = people[-1]
    known = {f"instance {number}": await found_at(url, room, ledger, kurt) for number, url in enumerate(stage.urls)}
    known |= {person.name: seen_by(person, kurt) for person in people}
    for field in Found._fields:
        values = {who: getattr(found, field) for who, found in known.items()}
        first = next(iter(values.values()))
        assert all(value == first for value in values.values()), f"not the same {field}: {values}"
    assert kurt.me["role"] in may_be, f"{kurt.name} is {kurt.me['role']}, and was made one of {may_be}"
    check_programs(next(iter(known.values())).runs, people, Counter(stage.marks()))


def check_programs(runs: Mapping[str, str], people: list[Mover], marks: Counter[str]) -> None:
    asked = {run for person in people for run in person.asked}
    assert not (strange := runs.keys() - asked), f"nobody asked for {strange}"
    assert not (twice := {run for run in asked if marks[run] > 1}), f"ran twice: {twice}"
    assert not (unended := {run: status for run, status in runs.items() if status in OPEN}), f"never end: {unended}"
    assert not (unrun := {run for run, status in runs.items() if status == "ok" and not marks[run]}), f"said to have run, and have not: {unrun}"
    assert not (secret := {run for run in asked if marks[run] and run not in runs}), f"ran, and nobody knows of it: {secret}"


@pytest.mark.rounds(100)
async def test_people_at_different_instances_come_to_one_room_whatever_fails(stage: Stage, chance: random.Random) -> None:
    stage.mend()
    async with people_in(stage, chance) as (room, ledger, people), asyncio.TaskGroup() as group:
        host = Host(room, people[-1], chance, stage.urls)
        works = [asyncio.create_task(work) for work in (*(person.work(ACTIONS) for person in people), host.work())]
        repeater = Repeater(stage, chance)
        repeating = group.create_task(repeater.run()) if chance.random() < 0.5 else None
        happened = [chance.choice(MISHAPS) for _ in range(chance.randrange(1, 3))]
        print("what happens:", *(mishap.__name__ for mishap in happened), *(["everything is said twice"] if repeating else []))
        try:
            for mishap in happened:
                await asyncio.sleep(chance.random() * 0.2)
                await mishap(stage, chance)
            await asyncio.gather(*works)
        finally:
            for work in works:
                work.cancel()
            await asyncio.to_thread(stage.mend)
        try:
            await agree(people, ledger, AGREE_SECONDS)
            await until_passed(lambda: check_all(stage, room, ledger, people, host.may_be))
        except (AssertionError, TimeoutError):
            print(stage.log)
            raise
        finally:
            if repeating is not None:
                repeating.cancel()
                print(f"said twice: {repeater.count}")
