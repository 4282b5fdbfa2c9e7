"""A runner's end: it joins an installation by way of Redis, says what it can do, and takes the programs that it is offered.

::

    joining ──first beat──> joined ──its lease is gone, or Redis is for a lease──> cut: every program is killed
       ^                                                                                │ Redis answers
       └───────────────────────────── under a new name ─────────────────────────────────┘

Invariants: a program is taken by one atomic command, and one that was taken is started at most once; the programs of a
server whose lease is gone are killed.
"""

import asyncio
import contextlib
import hashlib
import socket
from collections import OrderedDict
from collections.abc import Callable
from typing import cast

import msgspec
import structlog

from fourhands.errors import ProtocolViolation
from fourhands.execution.carried import COALESCE_SECONDS
from fourhands.execution.cluster.connection import ANSWER_SECONDS, AWAY, connect
from fourhands.execution.cluster.keys import Keys, new_name
from fourhands.execution.cluster.reader import Fields, Reader
from fourhands.execution.cluster.sender import Sender
from fourhands.execution.cluster.taken import TakenRun, unpack
from fourhands.execution.cluster.words import Capacity, Offer, Registration
from fourhands.execution.link import State, encode
from fourhands.execution.port import Backend
from fourhands.redis_client.ending import require_wanted
from fourhands.redis_client.reasons import reason

BEAT_SECONDS = 5.0
LOOK_SECONDS = 2.0
"""How often a runner looks whether the servers live whose programs it runs."""
BEATS_IN_A_LEASE = 3
SEEN = 10_000
"""Names of runs that are remembered, so that none is taken twice, whatever Redis says."""
GOODBYE_SECONDS = 1.5
OFFERS_MS = 120_000
"""How long what a runner was offered lies there after its last beat."""
UNCERTAIN = "The connection to Redis broke while this was taken, so it was not started. Start it again."

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.runner")


class RunnerEnd:
    """See `runner.Runner.attend`. `doubted` hears that the backend could not start a program: it should be tested again."""

    def __init__(
        self,
        url: str,
        prefix: str,
        backend: Backend,
        capacity: Capacity,
        *,
        lease_seconds: float,
        doubted: Callable[[], None] = lambda: None,
        coalesce_seconds: float = COALESCE_SECONDS,
    ) -> None:
        self._keys = Keys(prefix)
        self._connection, self._reading = connect(url), connect(url)
        self._sender, self._reader = Sender(self._connection), Reader(self._reading)
        self._backend = backend
        self._capacity = capacity
        self._lease_seconds = lease_seconds
        self._doubted = doubted
        self._coalesce_seconds = coalesce_seconds
        self.name = ""
        self._state: State | None = None
        self._changed = asyncio.Event()
        self._held_at = float("-inf")
        self._taken: dict[str, TakenRun] = {}
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._hung_up = asyncio.Event()
        self._is_away = False

    def tell(self, state: State) -> None:
        """What this machine can do now: the servers hear it with the next beat, which comes at once."""
        self._state = state
        self._changed.set()

    def hang_up(self) -> None:
        """Leave the installation; `run` returns once the programs have ended."""
        self._hung_up.set()

    async def run(self) -> None:
        """Until cancelled or hung up: be there for the servers. Nothing runs any more when it returns."""
        works = [asyncio.create_task(work) for work in (self._sender.run(), self._reader.run(), self._keep_beating(), self._hung_up.wait())]
        try:
            await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._leave()
            for work in works:
                work.cancel()
            await asyncio.gather(*works, *self._tasks, return_exceptions=True)
            await self._connection.aclose()
            await self._reading.aclose()
        for work in works[:-1]:
            if not work.cancelled():
                work.result()

    async def _leave(self) -> None:
        name, self.name = self.name, ""  # what is being taken is not begun any more
        for taken in list(self._taken.values()):
            taken.say_lost()
            taken.abandon()
        with contextlib.suppress(*AWAY):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._connection.delete(self._keys.runner(name), self._keys.state(name), self._keys.offers(name))
                await self._sender.empty()

    # ---- its lease ----

    async def _keep_beating(self) -> None:
        look = min(LOOK_SECONDS, self._lease_seconds / BEATS_IN_A_LEASE)
        beat = min(BEAT_SECONDS, self._lease_seconds / BEATS_IN_A_LEASE)
        while True:
            require_wanted()
            loop = asyncio.get_running_loop()
            try:
                async with asyncio.timeout(min(ANSWER_SECONDS, self._lease_seconds)):
                    if self._state is not None and (self._changed.is_set() or loop.time() - self._held_at >= beat - look / 2):
                        await self._beat(self._state)
                    await self._look_for_askers()
                self._is_away = False
            except AWAY as error:
                self._be_away(error)
                await asyncio.sleep(look / 4)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), look)

    def _be_away(self, error: BaseException) -> None:
        if not self._is_away:
            self._is_away = True
            log.warning("runner.redis_away", reason=reason(error))
        if self._taken and asyncio.get_running_loop().time() - self._held_at > self._lease_seconds:
            self._cut("Redis was away")

    async def _beat(self, state: State) -> None:
        if not self.name:
            await self._join()
        now = asyncio.get_running_loop().time()
        said = encode(state)
        registration = encode(self._registration(state, said))
        lease_ms = int(self._lease_seconds * 1000)
        first = self._held_at == float("-inf")
        async with self._connection.pipeline(transaction=True) as pipeline:
            pipeline.set(self._keys.state(self.name), said, px=OFFERS_MS)
            pipeline.set(self._keys.runner(self.name), registration, px=lease_ms, xx=not first)
            pipeline.sadd(self._keys.runners, self.name)
            pipeline.pexpire(self._keys.offers(self.name), OFFERS_MS)
            _, held, _, there = await pipeline.execute()
        if not (held and there):
            self._cut("its lease was gone")
            return
        self._held_at = now
        self._changed.clear()

    async def _join(self) -> None:
        self.name, self._held_at = new_name(), float("-inf")
        self._reader.add(self._keys.offers(self.name), self._offered)
        await self._connection.xadd(self._keys.offers(self.name), {"wake": "1"})

    def _registration(self, state: State, said: bytes) -> Registration:
        routes = ",".join(["", *(runtime.language for runtime in state.runtimes), ""]) if state.health.ok else ""
        capacity = self._capacity
        return Registration(
            host=socket.gethostname(),
            version=state.version,
            batch=capacity.batch,
            interactive=capacity.interactive,
            memory_bytes=capacity.memory_bytes,
            routes=routes,
            digest=hashlib.sha256(said).hexdigest()[:16],
        )

    def _cut(self, why: str) -> None:
        """The servers have given up what runs here: so do we, and come again as somebody else."""
        log.error("runner.cut", reason=why, runs=len(self._taken))
        self._reader.remove(self._keys.offers(self.name))
        self._sender.forget()
        for taken in list(self._taken.values()):
            taken.abandon()
        self.name, self._held_at = "", float("-inf")
        self._changed.set()

    async def _look_for_askers(self) -> None:
        """Servers that are gone want nothing any more."""
        askers = list({taken.offer.asker for taken in self._taken.values()})
        if not askers:
            return
        async with self._connection.pipeline(transaction=False) as pipeline:
            for asker in askers:
                pipeline.exists(self._keys.server(asker))
            there = dict(zip(askers, await pipeline.execute(), strict=True))
        for taken in list(self._taken.values()):
            if not there.get(taken.offer.asker, True):
                log.warning("run.unwanted", run=taken.offer.run[:8], reason="The server that asked for it is gone.")
                taken.abandon()

    # ---- what it is offered ----

    def _offered(self, entry: bytes, fields: Fields) -> None:
        if b"offer" not in fields:
            return
        try:
            offer = msgspec.json.decode(fields[b"offer"], type=Offer)
        except msgspec.MsgspecError as error:
            log.warning("runner.senseless_offer", reason=str(error))
            return
        if offer.run in self._seen:
            return
        self._seen[offer.run] = None
        if len(self._seen) > SEEN:
            self._seen.popitem(last=False)
        taken = self._taken[offer.run] = TakenRun(self._keys, self._sender, self._reader, offer, coalesce_seconds=self._coalesce_seconds)
        task = asyncio.create_task(self._take(taken))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(self, taken: TakenRun) -> None:
        name, run = self.name, taken.offer.run
        try:
            data = await self._claim(run, name)
            if data is None:
                taken.forget()
            elif self.name != name:
                taken.refuse(UNCERTAIN)  # it has joined anew meanwhile
            else:
                await taken.begin(self._backend, unpack(data), doubted=self._doubted)
        except ProtocolViolation as error:
            taken.refuse(str(error))
        finally:
            del self._taken[run]

    async def _claim(self, run: str, name: str) -> bytes | None:
        """The program, if nobody has taken it: whoever gets it, has it. None: it is somebody else's, was withdrawn, or may have been lost to us."""
        uncertain = False
        while self.name == name:
            require_wanted()
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    data = cast("bytes | None", await self._connection.getdel(self._keys.job(run)))
            except AWAY:
                uncertain = True
                await asyncio.sleep(0.25)
                continue
            if data is None and uncertain:
                raise ProtocolViolation(UNCERTAIN)
            return data
        return None
