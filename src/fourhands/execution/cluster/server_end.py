"""A server's end of the shared runners: a `Source` whose runs are wherever a runner has joined, and the queue before them.

::

    asking ──first beat──> joined ──beats fail for a lease──> cut: what runs is lost, what waits waits on
                             ^                                  │ Redis answers
                             └────────── under a new name ──────┘

Invariant: a program is offered under a name that is used once, to one runner; whether it was taken is decided by one atomic
command; where that cannot be known it is lost, and never offered again.
"""

import asyncio
import contextlib

import structlog

from fourhands.errors import Unavailable
from fourhands.execution.cluster.asking import AskedRun
from fourhands.execution.cluster.connection import ANSWER_SECONDS, AWAY, connect
from fourhands.execution.cluster.keys import Keys
from fourhands.execution.cluster.machines import Machines
from fourhands.execution.cluster.queue import SharedTurns
from fourhands.execution.cluster.reader import Reader
from fourhands.execution.cluster.scripts import Scripts
from fourhands.execution.cluster.sender import Sender
from fourhands.execution.cluster.words import Beat
from fourhands.execution.port import Health, Job, Runtime
from fourhands.execution.queue import QueueLimits
from fourhands.execution.remote_run import LOST, RemoteRun
from fourhands.redis_client.ending import require_wanted
from fourhands.redis_client.reasons import reason

WINDOW_BYTES = 128 * 1024
"""What of a run's data may be unread in the server, besides the one message that passes it."""
BEAT_SECONDS = 2.0
"""A server looks so often at what became of the runners, and says that it lives."""
EAGER_SECONDS = 0.25
"""So often where no program can be run: somebody may be about to come."""
BEATS_IN_A_LEASE = 3
UNSPOKEN_SECONDS = 15.0
"""A program whose language no runner has any more waits so long for one that does."""

ASKING = Health(False, "Redis is being asked for runners; programs run on the server in a moment.")
CLOSED = "The server stops."

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.execution")


class ServerEnd:
    """See `executor.Source`. `turns` is its queue. `lease_seconds`: after this time without Redis what runs is given up, at both ends."""

    def __init__(self, url: str, prefix: str, limits: QueueLimits, *, lease_seconds: float, window_bytes: int = WINDOW_BYTES) -> None:
        self._keys = Keys(prefix)
        self._connection, self._reading = connect(url), connect(url)
        self._scripts = Scripts(self._connection, self._keys, limits)
        self._sender = Sender(self._connection)
        self._reader = Reader(self._reading, failed=self._doubt)
        self._machines = Machines(self._connection, self._keys)
        self.turns = SharedTurns(self._scripts, limits, self._machines)
        self._lease_seconds = lease_seconds
        self._window_bytes = window_bytes
        self._asked: dict[AskedRun, int] = {}  # with the number of failures before it was offered
        self._failures = 0
        self._health: Health | None = None
        self._joined = False
        self._beaten_at = float("-inf")
        self._unspoken: dict[str, float] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._draining: set[asyncio.Task[None]] = set()

    # ---- Source ----

    @property
    def health(self) -> Health:
        return self._health or ASKING

    @property
    def is_pending(self) -> bool:
        return self._health is None

    def runtimes(self) -> tuple[Runtime, ...]:
        return self._machines.runtimes() if self.health.ok else ()

    async def back(self, seconds: float) -> None:
        """See `executor.Source`: turns are granted while there is a runner, so nobody waits here."""

    async def start(self, job: Job) -> RemoteRun:
        """Have the runner that its turn names run it. Raises what `port.Backend.start` raises."""
        while True:
            ticket = self.turns.of_job(job.id)
            asked = AskedRun(self._keys, self._sender, self._reader, job, runner=ticket.runner, version=ticket.version, window_bytes=self._window_bytes)
            self._asked[asked] = self._failures
            asked.offer(self.turns.server)
            try:
                await asked.run.started()
            except asyncio.CancelledError:
                self._drain(asked.run)
                raise
            except Unavailable:
                if not asked.is_withdrawn:
                    raise
                await self.turns.again(ticket)
            else:
                return asked.run
            finally:
                self._forget_ended()

    def _forget_ended(self) -> None:
        for asked in [asked for asked in self._asked if asked.over.is_set()]:
            del self._asked[asked]

    def _drain(self, run: RemoteRun) -> None:
        """Nobody wants it any more: end it, and read what it still says."""
        run.stop()
        task = asyncio.create_task(_read_all(run))
        self._draining.add(task)
        task.add_done_callback(self._draining.discard)

    # ---- its life ----

    def start_beating(self) -> None:
        """Join, and from then on hear of runners, in tasks of its own."""
        self._reader.add(self._keys.notices(self.turns.server), self.turns.notice)
        self._tasks = [asyncio.create_task(work) for work in (self._sender.run(), self._reader.run(), self._keep_beating())]
        for task in self._tasks:
            task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()):
            log.critical("runners.broken", exc_info=error)
            self._health = Health(False, "What talks to the runners has broken; it was logged.", "Start the server again.")

    async def close(self) -> None:
        """Give everything back: what still waits is left, the runs are ended."""
        for asked in list(self._asked):
            asked.lose(CLOSED)
        with contextlib.suppress(*AWAY):
            async with asyncio.timeout(1):
                await self.turns.all_left()
                await self._sender.empty()
                await self._connection.delete(self._keys.server(self.turns.server), self._keys.notices(self.turns.server))
        for task in self._tasks:
            task.cancel()
        await self.turns.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._connection.aclose()
        await self._reading.aclose()

    async def _keep_beating(self) -> None:
        pause = min(BEAT_SECONDS, self._lease_seconds / BEATS_IN_A_LEASE)
        while True:
            require_wanted()
            try:
                async with asyncio.timeout(min(ANSWER_SECONDS, self._lease_seconds)):
                    await self._beat()
            except AWAY as error:
                self._away(error)
            await asyncio.sleep(pause if self.health.ok else min(pause, EAGER_SECONDS))

    async def _beat(self) -> None:
        asked_at = asyncio.get_running_loop().time()
        beat = await self._scripts.beat(self.turns.server, int(self._lease_seconds * 1000))
        if self._joined and not beat.held:
            self._cut()
        if not self._joined:
            beat = await self._rejoin(beat)
        self._beaten_at = asked_at
        await self._machines.learn(beat.runners)
        await self._miss(beat)
        await self.turns.back(beat.waiting)
        self._give_up_unspoken()
        self._say(self._machines.health)

    async def _rejoin(self, beat: Beat) -> Beat:
        """Under the first name, or, after a cut, a new one: what Redis still has of the old one is swept."""
        if self._beaten_at != float("-inf"):
            self._reader.remove(self._keys.notices(self.turns.server))
            self.turns.rename()
            self._reader.add(self._keys.notices(self.turns.server), self.turns.notice)
            beat = await self._scripts.beat(self.turns.server, int(self._lease_seconds * 1000))
        self._joined = True
        return beat

    async def _miss(self, beat: Beat) -> None:
        """Which runs were on a runner whose lease is gone?"""
        self._forget_ended()
        for asked, failures in list(self._asked.items()):
            if asked.runner in {one.name for one in beat.runners} or asked.version > beat.version:
                continue
            if not asked.is_taken and failures == self._failures and await self._connection.delete(self._keys.job(asked.name)) and not asked.is_taken:
                asked.withdrawn()
            else:
                asked.lose(LOST)

    def _doubt(self) -> None:
        """Redis may have forgotten something, or have been told what it did not answer: what was offered before is not offered again."""
        self._failures += 1

    def _away(self, error: BaseException) -> None:
        self._failures += 1
        self.turns.away()
        lost = asyncio.get_running_loop().time() - self._beaten_at > self._lease_seconds
        if lost and self._joined:
            self._cut()
        sentence = "Redis does not answer, so programs do not start; those that wait go on waiting, those that run are lost if it stays away."
        self._say(Health(False, sentence, f"See that it runs and can be reached from here ({reason(error)})."))

    def _cut(self) -> None:
        """Nobody at the other end goes on with what runs."""
        log.error("runners.cut", runs=len(self._asked))
        self._joined = False
        self._failures += 1
        self._sender.forget()
        for asked in list(self._asked):
            asked.lose(LOST)
        self._forget_ended()

    def _say(self, health: Health) -> None:
        if self._health != health:
            log.info("runners.seen", ok=health.ok, sentence=health.sentence, runners=len(self._machines.names))
        self._health = health

    def _give_up_unspoken(self) -> None:
        now, spoken = asyncio.get_running_loop().time(), {runtime.language for runtime in self._machines.runtimes()}
        waiting = {ticket.ask.language for ticket in self.turns.waiting()} - spoken
        self._unspoken = {language: self._unspoken.get(language, now) for language in waiting}
        for ticket in self.turns.waiting():
            if now - self._unspoken.get(ticket.ask.language, now) > UNSPOKEN_SECONDS:
                ticket.refuse(f"No runner has {ticket.ask.language} any more. Try again in a moment.")


async def _read_all(run: RemoteRun) -> None:
    async for _ in run:
        pass
