"""Instances, Redis, PostgreSQL and the network between them are killed, cut and slowed down while people of one room write at different instances: everybody
comes to one text by themselves, nothing that was acknowledged is lost, and whoever comes later, to whichever instance, finds the same."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.cluster.topology import MISSING, Backends, Cluster, moved
from tests.server import folder_in_memory
from tests.soak.cable import Cable
from tests.soak.ledger import Ledger
from tests.soak.typist import Typist, agree, read
from tests.wire.client import Room

ACTIONS = 60
AGREE_SECONDS = 90.0
FIND_SECONDS = 30.0
NAMES = ("Ada", "Lin", "Grace", "Kurt")
SETTINGS = {"FOURHANDS_CHAT_PER_MINUTE": "100000", "FOURHANDS_CHAT_KEPT": "10000", "FOURHANDS_IDLE_SECONDS": "2", "FOURHANDS_FOLD_SECONDS": "0.5"}


class Stage:
    """A cluster whose instances each reach Redis by a cable of their own."""

    def __init__(self, cluster: Cluster, cables: list[Cable]) -> None:
        self.cluster, self.cables = cluster, cables

    @property
    def urls(self) -> list[str]:
        return self.cluster.urls

    def mend(self) -> None:
        """Everything runs again, and nothing is slow."""
        for cable in self.cables:
            cable.delay_seconds = 0
            cable.mend()
        self.cluster.mend()


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    if MISSING:
        pytest.skip(MISSING)
    with contextlib.ExitStack() as stack:
        backends = stack.enter_context(Backends())
        folder = stack.enter_context(folder_in_memory())
        cluster = Cluster(backends, folder / "cluster", env=SETTINGS)
        stack.callback(cluster.close)
        cables = [stack.enter_context(Cable(backends.redis.port)) for _ in cluster.instances]
        for instance, cable in zip(cluster.instances, cables, strict=True):
            instance.env["REDIS_URL"] = moved(instance.env["REDIS_URL"], cable.port)
        cluster.start()
        yield Stage(cluster, cables)


class Mover(Typist):
    """Somebody who may go to another instance when they come back, as nginx would send them."""

    def __init__(self, room: Room, ledger: Ledger, chance: random.Random, name: str, urls: list[str]) -> None:
        super().__init__(room, ledger, chance, name)
        self._path = self.address.partition("/sync/")[2]
        self._urls = urls
        self.stays = chance.random() < 0.3

    async def connect(self) -> None:
        if not self.stays:
            self.go_to(self._chance.choice(self._urls))
        await super().connect()

    def go_to(self, url: str) -> None:
        """From the next connection on."""
        self.address = f"{url.replace('http', 'ws', 1)}/sync/{self._path}"


async def an_instance_is_killed(stage: Stage, chance: random.Random) -> None:
    instance = chance.choice(stage.cluster.instances)
    await asyncio.to_thread(instance.kill)
    await asyncio.sleep(chance.random() * 0.5)
    await asyncio.to_thread(instance.start)


async def an_instance_is_stopped(stage: Stage, chance: random.Random) -> None:
    instance = chance.choice(stage.cluster.instances)
    await asyncio.to_thread(instance.stop)
    await asyncio.to_thread(instance.start)


async def all_instances_but_one_are_killed(stage: Stage, chance: random.Random) -> None:
    for instance in chance.sample(stage.cluster.instances, len(stage.cluster.instances) - 1):
        await asyncio.to_thread(instance.kill)
    await asyncio.sleep(chance.random() * 0.3)
    await asyncio.to_thread(stage.cluster.start)


async def redis_is_killed(stage: Stage, chance: random.Random) -> None:
    redis = stage.cluster.backends.redis
    await asyncio.to_thread(redis.kill)
    await asyncio.sleep(chance.random())
    await asyncio.to_thread(redis.start)


async def postgres_is_killed(stage: Stage, chance: random.Random) -> None:
    postgres = stage.cluster.backends.postgres
    await asyncio.to_thread(postgres.kill)
    await asyncio.sleep(chance.random() * 0.5)
    await asyncio.to_thread(postgres.start)


async def postgres_hangs(stage: Stage, chance: random.Random) -> None:
    postgres = stage.cluster.backends.postgres
    await asyncio.to_thread(postgres.pause)
    await asyncio.sleep(chance.random())
    await asyncio.to_thread(postgres.resume)


async def one_is_cut_off_from_redis(stage: Stage, chance: random.Random) -> None:
    cable = chance.choice(stage.cables)
    cable.cut()
    await asyncio.sleep(chance.random())
    cable.mend()


async def one_hears_nothing_of_redis(stage: Stage, chance: random.Random) -> None:
    cable = chance.choice(stage.cables)
    cable.hang()
    await asyncio.sleep(chance.random())
    cable.mend()


async def the_way_to_redis_is_slow(stage: Stage, chance: random.Random) -> None:
    for cable in stage.cables:
        cable.delay_seconds = chance.choice([0, 0.01, 0.1])
    await asyncio.sleep(chance.random())


async def cut_off_and_killed(stage: Stage, chance: random.Random) -> None:
    """An instance takes in what it can tell nobody, and dies: what it said to be saved is saved."""
    number = chance.randrange(len(stage.cables))
    stage.cables[number].cut()
    await asyncio.sleep(chance.random() * 0.4)
    await asyncio.to_thread(stage.cluster.instances[number].kill)
    stage.cables[number].mend()
    await asyncio.to_thread(stage.cluster.instances[number].start)


MISHAPS = (
    an_instance_is_killed,
    an_instance_is_stopped,
    all_instances_but_one_are_killed,
    redis_is_killed,
    postgres_is_killed,
    postgres_hangs,
    one_is_cut_off_from_redis,
    one_hears_nothing_of_redis,
    the_way_to_redis_is_slow,
    cut_off_and_killed,
)


@contextlib.asynccontextmanager
async def people_in(stage: Stage, chance: random.Random) -> AsyncIterator[tuple[Room, Ledger, list[Typist]]]:
    """A room that was opened at one instance, with people at all of them."""
    room, ledger = Room.open(chance.choice(stage.urls)), Ledger()
    people: list[Typist] = [Mover(room, ledger, chance, name, stage.urls) for name in NAMES]
    for person in people:
        person.start()
    try:
        yield room, ledger, people
    finally:
        for person in people:
            await person.end()


async def until_found(room: Room, ledger: Ledger, text: str) -> None:
    """Until a newcomer at this instance finds that text, and all that was said. Raises `AssertionError` with what they found instead."""
    until = asyncio.get_running_loop().time() + FIND_SECONDS
    while True:
        try:
            assert await read(room, ledger) == text, f"another text at {room.url}"
            return
        except AssertionError:
            if asyncio.get_running_loop().time() > until:
                raise
        await asyncio.sleep(0.2)


@pytest.mark.rounds(100)
async def test_people_at_different_instances_come_to_one_text_whatever_fails(stage: Stage, chance: random.Random) -> None:
    stage.mend()
    async with people_in(stage, chance) as (room, ledger, people):
        works = [asyncio.create_task(person.work(ACTIONS)) for person in people]
        happened = [chance.choice(MISHAPS) for _ in range(chance.randrange(1, 3))]
        print("what happens:", *(mishap.__name__ for mishap in happened))
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
            text = await agree(people, ledger, AGREE_SECONDS)
            for url in stage.urls:
                await until_found(Room(url, room.opened), ledger, text)
        except (AssertionError, TimeoutError):
            print(stage.cluster.log)
            raise
