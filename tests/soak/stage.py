"""Three instances and two runners that each reach Redis by a cable of their own, and what may happen to all of it.

Every mishap ends with everything running again, or leaves it to `Stage.mend`.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import redis
import redis.asyncio

from fourhands.redis_client.ending import require_wanted
from tests.cluster.parts import ROOT, Program
from tests.cluster.topology import Backends, Cluster, moved
from tests.server import folder_in_memory
from tests.soak.cable import Cable

RUNNERS = 2
LEASE_SECONDS = 3
SETTINGS = {
    "FOURHANDS_CHAT_PER_MINUTE": "100000",
    "FOURHANDS_CHAT_KEPT": "10000",
    "FOURHANDS_RUNS_KEPT": "1000",
    "FOURHANDS_PROGRAMS_PER_MINUTE": "100000",
    "FOURHANDS_PROGRAMS_RUNNING_EACH": "3",
    "FOURHANDS_PROGRAMS_QUEUED_EACH": "1000",
    "FOURHANDS_RATE_LIMITS": "off",
    "FOURHANDS_IDLE_SECONDS": "2",
    "FOURHANDS_FOLD_SECONDS": "0.5",
    "FOURHANDS_INSTANCE_LEASE_SECONDS": str(LEASE_SECONDS),
    "FOURHANDS_RUNNER_LEASE_SECONDS": str(LEASE_SECONDS),
}


class Stage:
    """`cables`: of the instances, then of the runners. `marks`: what programs wrote when they were started."""

    def __init__(self, cluster: Cluster, cables: list[Cable], runners: list[Program], marks: Path) -> None:
        self.cluster, self.cables, self.runners, self._marks = cluster, cables, runners, marks

    @property
    def urls(self) -> list[str]:
        return self.cluster.urls

    @property
    def redis_url(self) -> str:
        """Past all cables."""
        return self.cluster.backends.redis.url

    def marks(self) -> list[str]:
        """The programs that were started, each as often as it was."""
        return self._marks.read_text().split() if self._marks.exists() else []

    def mend(self) -> None:
        """Everything runs again, and nothing is slow."""
        for cable in self.cables:
            cable.delay_seconds = 0
            cable.mend()
        self.cluster.mend()
        for runner in self.runners:
            if not runner.is_running:
                runner.start()

    @property
    def log(self) -> str:
        return "\n".join([self.cluster.log, *(f"--- {runner.name}\n{runner.log}" for runner in self.runners)])


@contextlib.contextmanager
def running_stage() -> Iterator[Stage]:
    """All of it, gone afterwards."""
    with contextlib.ExitStack() as stack:
        backends = stack.enter_context(Backends())
        folder = stack.enter_context(folder_in_memory())
        cluster = Cluster(backends, folder / "cluster", env=SETTINGS)
        stack.callback(cluster.close)
        cables = [stack.enter_context(Cable(backends.redis.port)) for _ in range(len(cluster.instances) + RUNNERS)]
        for instance, cable in zip(cluster.instances, cables, strict=False):
            instance.env |= {"REDIS_URL": moved(instance.env["REDIS_URL"], cable.port), "FOURHANDS_RUNNER": "redis"}
        marks = folder / "marks"
        runners = [_runner(number, cluster, cable, folder, marks) for number, cable in enumerate(cables[len(cluster.instances) :])]
        for runner in runners:
            stack.callback(runner.kill)
            runner.start()
        cluster.start()
        yield Stage(cluster, cables, runners, marks)


def _runner(number: int, cluster: Cluster, cable: Cable, folder: Path, marks: Path) -> Program:
    url = moved(cluster.backends.redis.url, cable.port)
    command = [sys.executable, "-m", "tests.soak.marking_runner", url, cluster.prefix, str(LEASE_SECONDS), str(marks)]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    return Program(f"runner {number}", command, folder / f"runner{number}.log", environment)


class Repeater:
    """Says again what is said on the bus, sooner or later: entries of its streams come twice, and late. A context.

    What it has said itself, or has said again already, it lets pass: each entry comes at most twice.
    """

    def __init__(self, stage: Stage, chance: Random) -> None:
        self._stage, self._chance = stage, chance
        self._seen: set[bytes] = set()
        self.count = 0
        self._later: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled; while Redis is away it waits."""
        async with redis.asyncio.Redis.from_url(self._stage.redis_url) as client:  # pyright: ignore[reportUnknownMemberType]
            try:
                while True:
                    with contextlib.suppress(redis.RedisError, OSError):
                        await self._look(client)
                    require_wanted()
                    await asyncio.sleep(0.02)
            finally:
                for task in self._later:
                    task.cancel()
                await asyncio.gather(*self._later, return_exceptions=True)

    async def _look(self, client: Any) -> None:
        for kind in ("on", "to"):
            async for key in client.scan_iter(match=f"{self._stage.cluster.prefix}:{{*}}:{kind}:*", count=1000):
                for _, fields in await client.xrevrange(key, count=50):
                    if (parcel := fields.get(b"m")) and parcel not in self._seen:
                        self._seen.add(parcel)
                        if self._chance.random() < 0.5:
                            self._later.add(task := asyncio.create_task(self._again(client, key, parcel)))
                            task.add_done_callback(self._later.discard)

    async def _again(self, client: Any, key: bytes, parcel: bytes) -> None:
        await asyncio.sleep(self._chance.random() * 0.5)
        with contextlib.suppress(redis.RedisError, OSError):
            await client.xadd(key, {"m": parcel})
            self.count += 1


# ---- mishaps -----------------------------------------------------------------------------------------------------------


async def an_instance_is_killed(stage: Stage, chance: Random) -> None:
    instance = chance.choice(stage.cluster.instances)
    await asyncio.to_thread(instance.kill)
    await asyncio.sleep(chance.random() * 0.5)
    await asyncio.to_thread(instance.start)


async def an_instance_is_stopped(stage: Stage, chance: Random) -> None:
    instance = chance.choice(stage.cluster.instances)
    await asyncio.to_thread(instance.stop)
    await asyncio.to_thread(instance.start)


async def all_instances_but_one_are_killed(stage: Stage, chance: Random) -> None:
    for instance in chance.sample(stage.cluster.instances, len(stage.cluster.instances) - 1):
        await asyncio.to_thread(instance.kill)
    await asyncio.sleep(chance.random() * 0.3)
    await asyncio.to_thread(stage.cluster.start)


async def a_runner_is_killed(stage: Stage, chance: Random) -> None:
    runner = chance.choice(stage.runners)
    await asyncio.to_thread(runner.kill)
    await asyncio.sleep(chance.random() * 0.5)
    await asyncio.to_thread(runner.start)


async def all_runners_are_killed(stage: Stage, chance: Random) -> None:
    for runner in stage.runners:
        await asyncio.to_thread(runner.kill)
    await asyncio.sleep(chance.random() * 0.5)
    for runner in stage.runners:
        await asyncio.to_thread(runner.start)


async def redis_is_killed(stage: Stage, chance: Random) -> None:
    server = stage.cluster.backends.redis
    await asyncio.to_thread(server.kill)
    await asyncio.sleep(chance.random())
    await asyncio.to_thread(server.start)


async def postgres_is_killed(stage: Stage, chance: Random) -> None:
    postgres = stage.cluster.backends.postgres
    await asyncio.to_thread(postgres.kill)
    await asyncio.sleep(chance.random() * 0.5)
    await asyncio.to_thread(postgres.start)


async def postgres_hangs(stage: Stage, chance: Random) -> None:
    postgres = stage.cluster.backends.postgres
    await asyncio.to_thread(postgres.pause)
    await asyncio.sleep(chance.random())
    await asyncio.to_thread(postgres.resume)


async def published_and_not_committed(stage: Stage, chance: Random) -> None:
    """An instance tells the others what it can commit no more; its people go elsewhere."""
    postgres, instance = stage.cluster.backends.postgres, chance.choice(stage.cluster.instances)
    await asyncio.to_thread(postgres.pause)
    await asyncio.sleep(0.05 + chance.random() * 0.3)
    await asyncio.to_thread(instance.kill)
    await asyncio.to_thread(postgres.resume)
    await asyncio.sleep(chance.random())
    await asyncio.to_thread(instance.start)


async def one_is_cut_off_from_redis(stage: Stage, chance: Random) -> None:
    cable = chance.choice(stage.cables)
    cable.cut()
    await asyncio.sleep(chance.random())
    cable.mend()


async def one_is_cut_off_for_longer_than_its_lease(stage: Stage, chance: Random) -> None:
    cable = chance.choice(stage.cables)
    cable.cut()
    await asyncio.sleep(LEASE_SECONDS + 1 + chance.random())
    cable.mend()


async def one_hears_nothing_of_redis(stage: Stage, chance: Random) -> None:
    cable = chance.choice(stage.cables)
    cable.hang()
    await asyncio.sleep(chance.random())
    cable.mend()


async def the_way_to_redis_is_slow(stage: Stage, chance: Random) -> None:
    for cable in stage.cables:
        cable.delay_seconds = chance.choice([0, 0.01, 0.1])
    await asyncio.sleep(chance.random())


async def cut_off_and_killed(stage: Stage, chance: Random) -> None:
    """An instance takes in what it can tell nobody, and dies: what it said to be saved is saved."""
    number = chance.randrange(len(stage.cluster.instances))
    stage.cables[number].cut()
    await asyncio.sleep(chance.random() * 0.4)
    await asyncio.to_thread(stage.cluster.instances[number].kill)
    stage.cables[number].mend()
    await asyncio.to_thread(stage.cluster.instances[number].start)


MISHAPS = (
    an_instance_is_killed,
    an_instance_is_stopped,
    all_instances_but_one_are_killed,
    a_runner_is_killed,
    all_runners_are_killed,
    redis_is_killed,
    postgres_is_killed,
    postgres_hangs,
    published_and_not_committed,
    one_is_cut_off_from_redis,
    one_is_cut_off_for_longer_than_its_lease,
    one_hears_nothing_of_redis,
    the_way_to_redis_is_slow,
    cut_off_and_killed,
)
