"""The bus between several rooms' registries of one process: what tests of rooms run on. It can be cut, as a network is."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence

import structlog

from fourhands.bus.envelope import EVERYBODY, BadParcel, Inbox, inbox_of, parcels
from fourhands.bus.messages import Message
from fourhands.bus.port import Bus, Hear
from fourhands.errors import Unavailable

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.bus")


def nothing(_: object) -> None:
    """Nobody listens yet."""


class Exchange:
    """What the buses of one process have in common: who listens where, who lives, who holds what."""

    def __init__(self) -> None:
        self.listening: defaultdict[str, dict[str, MemoryBus]] = defaultdict(dict)
        self.living: dict[str, MemoryBus] = {}
        self.held: defaultdict[str, set[str]] = defaultdict(set)
        self.gates: dict[str, str] = {}


class MemoryBus(Bus):
    """One instance's way onto an exchange.

    Invariant: `_said` are the messages of this turn of the loop by channel; they go out as parcels at its end.
    """

    def __init__(self, exchange: Exchange, instance: str) -> None:
        self._exchange = exchange
        self._instance = instance
        self._reached = False
        self.said = 0
        self._said: dict[str, list[Message]] = {}
        self._numbers: defaultdict[str, int] = defaultdict(int)
        self._hears: dict[str, tuple[Hear, Inbox]] = {}
        self.on_reached: Callable[[bool], None] = nothing
        self.on_missed: Callable[[str], None] = nothing
        self.on_lost: Callable[[str], None] = nothing

    @property
    def instance(self) -> str:
        return self._instance

    @property
    def reached(self) -> bool:
        return self._reached

    async def start(self, hear: Hear) -> None:
        for channel in (EVERYBODY, inbox_of(self._instance)):
            self._hears[channel] = (hear, Inbox())
            self._exchange.listening[channel][self._instance] = self
        self.mend()

    async def stop(self) -> None:
        self._send()
        self._leave()

    def cut(self) -> None:
        """Others are not reached any more, and do not know why."""
        self._reached = False
        self.on_reached(False)

    def mend(self) -> None:
        """They are reached again."""
        self._reached = True
        self._exchange.living[self._instance] = self
        self.on_reached(True)

    def kill(self) -> None:
        """The process is gone, as by SIGKILL: what it said in this turn is not sent."""
        self._said.clear()
        self._leave()

    def _leave(self) -> None:
        self._reached = False
        self._exchange.living.pop(self._instance, None)
        for listeners in self._exchange.listening.values():
            listeners.pop(self._instance, None)
        for other in list(self._exchange.living.values()):
            other.lost(self._instance)

    def lost(self, instance: str) -> None:
        """That one is gone."""
        for _, inbox in self._hears.values():
            inbox.forget(instance)
        self.on_lost(instance)

    def publish(self, channel: str, message: Message) -> None:
        if not self._said:
            asyncio.get_running_loop().call_soon(self._send)
        self._said.setdefault(channel, []).append(message)

    def _send(self) -> None:
        said, self._said = self._said, {}
        for channel, messages in said.items():
            self.said += len(messages)
            made = parcels(self._instance.encode(), self._numbers[channel] + 1, messages)
            self._numbers[channel] += len(made)
            if self._reached:
                self.send_parcels(channel, made)

    def send_parcels(self, channel: str, made: Sequence[bytes]) -> None:
        """Let all who listen there have them."""
        for other in list(self._exchange.listening[channel].values()):
            if other is not self and other.reached:
                asyncio.get_running_loop().call_soon(other.take, channel, made)

    def take(self, channel: str, made: Sequence[bytes]) -> None:
        """Parcels have come."""
        for parcel in made:
            if (heard := self._hears.get(channel)) is None:
                return
            hear, inbox = heard
            try:
                taken = inbox.take(parcel)
            except BadParcel as error:
                log.warning("bus.bad_parcel", channel=channel, reason=str(error))
                continue
            if inbox.missed:
                inbox.missed = False
                self.on_missed(channel)
            if taken is not None:
                hear(*taken)

    async def subscribe(self, channel: str, hear: Hear) -> None:
        self._require()
        _, inbox = self._hears.get(channel, (None, Inbox()))
        self._hears[channel] = (hear, inbox)
        self._exchange.listening[channel][self._instance] = self

    def unsubscribe(self, channel: str) -> None:
        self._hears.pop(channel, None)
        self._exchange.listening[channel].pop(self._instance, None)

    async def living(self) -> frozenset[str]:
        self._require()
        return frozenset(self._exchange.living)

    async def hold(self, room_id: str) -> Sequence[str] | None:
        self._require()
        if self._exchange.gates.get(room_id) in self._exchange.living:
            return None
        self._exchange.held[room_id].add(self._instance)
        return [one for one in await self.holders(room_id) if one != self._instance]

    async def let_go(self, room_id: str, *, shut: bool = False) -> bool:
        self._require()
        self._exchange.held[room_id].discard(self._instance)
        is_last = not await self.holders(room_id)
        return is_last and (not shut or await self.shut(room_id))

    async def holders(self, room_id: str) -> Sequence[str]:
        self._require()
        return sorted(self._exchange.held[room_id] & self._exchange.living.keys())

    async def shut(self, room_id: str) -> bool:
        self._require()
        if self._exchange.gates.get(room_id) in self._exchange.living:
            return False
        self._exchange.gates[room_id] = self._instance
        return True

    async def open(self, room_id: str) -> None:
        self._require()
        self._exchange.gates.pop(room_id, None)

    def _require(self) -> None:
        if not self._reached:
            raise Unavailable("The other servers are not reached at the moment.", "redis")
