"""The queue that servers share, as one of them has it: `turns.lua` decides, this asks it and tells those who wait.

What it holds are this server's own turns. While Redis is away those that wait keep waiting, at a position that nobody
knows; when it is back they are where they were, or, if Redis has forgotten them, behind those who were quicker.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, cast

import msgspec

from fourhands.errors import Conflict, InvalidRequest, LimitExceeded, Unavailable
from fourhands.execution.cluster.connection import AWAY
from fourhands.execution.cluster.keys import new_name
from fourhands.execution.cluster.machines import Machines
from fourhands.execution.cluster.reader import Fields
from fourhands.execution.cluster.scripts import Scripts
from fourhands.execution.cluster.words import Notice
from fourhands.execution.cluster.words import Ticket as Written
from fourhands.execution.queue import Ask, Lane, MachineFigures, QueueLimits
from fourhands.execution.turns import AGAIN_SECONDS, Ticket, full_sentence, require_memory

STOPPED = "It was stopped before it began."
UNREACHED = "The queue for programs cannot be reached: Redis does not answer. Try again in a moment."


class SharedTicket(Ticket):
    """A turn of the shared queue: see `queue.Turn`. `runner` is where it was granted; `version` of what was heard last."""

    def __init__(self, queue: "SharedTurns", ask: Ask) -> None:
        super().__init__(queue, ask)
        self.id = new_name()
        self.runner = ""
        self.refusal = ""
        self.version = -1

    def hear(self, version: int, position: int, runner: str) -> None:
        """What the queue says of it, unless something newer was heard."""
        if version <= self.version:
            return
        self.version, self.runner = version, runner
        if runner:
            self.grant()
        else:
            self.is_granted = False
            self.move(position)

    def refuse(self, why: str) -> None:
        """It need not wait any longer: its turn comes, and with it this sentence."""
        self.refusal = why
        self.grant()

    async def granted(self) -> None:
        """Wait until it is. Raises `Unavailable` if it was left."""
        async for _ in self.positions():
            pass
        self.require()

    def require(self) -> None:
        """Raises `Unavailable` if it is not, or not any more, a permission to run."""
        if not self.is_granted or self.has_left or self.refusal:
            raise Unavailable(self.refusal or STOPPED, "runner")


class SharedTurns:
    """See `queue.Queue`. `server` names this server among the others, as long as its lease holds."""

    def __init__(self, scripts: Scripts, limits: QueueLimits, machines: Machines) -> None:
        self.server = new_name()
        self._scripts = scripts
        self._limits = limits
        self._machines = machines
        self._mine: dict[str, SharedTicket] = {}  # by id, in the order in which they came
        self._of_jobs: dict[str, SharedTicket] = {}
        self._left: dict[str, None] = {}
        self._leaving: asyncio.Task[None] | None = None
        self._lengths: Mapping[Lane, int] = {"batch": 0, "interactive": 0}
        self.is_away = False
        self._closed = False

    def machines(self) -> Sequence[MachineFigures]:
        """Those whose lease held at the last beat."""
        return self._machines.figures()

    def memory_of(self) -> Mapping[str, int]:
        return self._machines.memory_of()

    def waiting_lengths(self) -> Mapping[Lane, int]:
        """As of the last beat."""
        return self._lengths

    def of_job(self, job: str) -> SharedTicket:
        """The turn that a job was granted. Raises `Unavailable` if it was left."""
        ticket = self._of_jobs.get(job)
        if ticket is None:
            raise Unavailable(STOPPED, "runner")
        ticket.require()
        return ticket

    async def enter(self, ask: Ask) -> SharedTicket:
        """See `queue.Queue.enter`. Raises `Unavailable` too, if Redis does not answer, and `Conflict` for a job that has a turn."""
        if ask.job in self._of_jobs:
            raise Conflict("This program runs or waits already.")
        ticket = SharedTicket(self, ask)
        self._mine[ticket.id] = self._of_jobs[ask.job] = ticket
        try:
            entered = await self._scripts.enter(self._written(ticket))
            if entered.outcome != "ok":
                self._refuse(ask, entered.outcome, entered.position)
        except AWAY as error:
            ticket.leave()  # it may be in
            raise Unavailable(UNREACHED, "redis") from error
        except BaseException:
            ticket.leave()
            raise
        ticket.hear(entered.version, entered.position, entered.runner)
        return ticket

    def _refuse(self, ask: Ask, outcome: str, most: int) -> None:
        if outcome == "none":
            raise Unavailable(f"No runner has {ask.language} any more. Try again in a moment.", "runner")
        if outcome == "large":
            require_memory(ask, most)
            raise InvalidRequest("This program may use more memory than any runner has for one.")
        raise LimitExceeded(full_sentence(cast("Literal['waiting', 'room', 'person']", outcome), self._limits), AGAIN_SECONDS)

    def remove(self, place: Ticket) -> None:
        """It was left: the queue hears it as soon as it can be reached."""
        place = cast("SharedTicket", place)
        self._mine.pop(place.id, None)
        if self._of_jobs.get(place.ask.job) is place:
            del self._of_jobs[place.ask.job]
        self._left[place.id] = None
        if not self._is_leaving and not self._closed:
            self._leaving = asyncio.create_task(self._say_left())

    @property
    def _is_leaving(self) -> bool:
        return self._leaving is not None and not self._leaving.done()

    async def _say_left(self) -> None:
        while self._left:
            ids = list(self._left)
            try:
                await self._scripts.leave(ids)
            except AWAY:
                return  # the next beat tries again
            for one in ids:
                self._left.pop(one, None)

    async def all_left(self) -> None:
        """Wait until the queue has heard of everybody who left, or does not answer."""
        if self._leaving is not None and self._is_leaving:
            await asyncio.shield(self._leaving)

    async def close(self) -> None:
        """Nobody is told any more who leaves: the lease says it."""
        self._closed = True
        if self._leaving is not None:
            self._leaving.cancel()
            await asyncio.gather(self._leaving, return_exceptions=True)

    async def again(self, ticket: SharedTicket) -> None:
        """Nobody took it where it was granted: wait for another turn, before all others of its room. Raises `Unavailable` if it is left or Redis is away."""
        ticket.is_granted, ticket.runner = False, ""
        try:
            await self._scripts.again(self._written(ticket))
        except AWAY as error:
            raise Unavailable(UNREACHED, "redis") from error
        await ticket.granted()

    # ---- what is heard of Redis ----

    def notice(self, entry: bytes, fields: Fields) -> None:
        """What became of turns. What is no notice (a word that only ends a wait) is passed over."""
        if b"said" not in fields:
            return
        said = msgspec.json.decode(fields[b"said"], type=Notice)
        for one, position, runner in said.moves:
            if ticket := self._mine.get(one):
                ticket.hear(said.version, position, runner)

    def away(self) -> None:
        """Redis does not answer: nobody knows a position."""
        if not self.is_away:
            self.is_away = True
            for ticket in self.waiting():
                ticket.version = -1
                ticket.move(0)

    def rename(self) -> None:
        """What Redis knew of this server is gone, or given up: who waits comes again under a new name."""
        self.is_away, self.server = True, new_name()
        for ticket in self.waiting():
            ticket.version = -1

    async def back(self, lengths: Mapping[Lane, int]) -> None:
        """Redis answers, and this server's lease holds. Raises what the connection raises."""
        self._lengths = lengths
        if self._left and not self._is_leaving:
            await self._say_left()
        if self.is_away and (waiting := list(self.waiting())):
            await self._scripts.restore([self._written(ticket) for ticket in waiting])
        self.is_away = False

    def waiting(self) -> Iterator[SharedTicket]:
        """Those of this server, in the order in which they came."""
        return (ticket for ticket in list(self._mine.values()) if not ticket.is_granted)

    def _written(self, ticket: SharedTicket) -> Written:
        ask = ticket.ask
        return Written(
            id=ticket.id,
            room=ask.room,
            person=ask.person,
            memory=ask.memory_bytes,
            lane=ask.lane,
            limited=ask.limited,
            language=ask.language,
            server=self.server,
        )
