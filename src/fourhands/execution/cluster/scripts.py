"""The shared queue's operations, each one atomic step in Redis: `turns.lua`, called."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import redis.asyncio

from fourhands.execution.cluster.keys import Keys
from fourhands.execution.cluster.words import Beat, Seen, Ticket
from fourhands.execution.queue import QueueLimits

TEXT = Path(__file__).with_name("turns.lua").read_text("utf-8")


class Entered(msgspec.Struct, frozen=True):
    """What became of somebody who came. `outcome`: "ok", or why not: "none" (no machine has the language), "large" (`position` is the most that one has),
    "waiting", "room", "person" (too many wait)."""

    outcome: str
    version: int
    position: int
    runner: str


class Scripts:
    """Each raises what the connection raises."""

    def __init__(self, connection: "redis.asyncio.Redis", keys: Keys, limits: QueueLimits) -> None:
        self._script = connection.register_script(TEXT)
        self._keys = keys
        self._limits = msgspec.json.encode({"waiting": limits.waiting, "running": limits.running, "queued": limits.queued})

    async def enter(self, ticket: Ticket) -> Entered:
        """Take a place: granted at once if it can be."""
        outcome, version, position, runner = await self._do("enter", msgspec.json.encode(ticket))
        return Entered(outcome.decode(), version, position, runner.decode())

    async def leave(self, turns: Sequence[str]) -> None:
        """Give places back, also such as are gone."""
        await self._do("leave", *turns)

    async def again(self, ticket: Ticket) -> None:
        """What was granted was not taken: it waits again, first of all."""
        await self._do("again", msgspec.json.encode(ticket))

    async def restore(self, tickets: Sequence[Ticket]) -> None:
        """Bring back places that wait; those that are there are left as they are."""
        await self._do("restore", *(msgspec.json.encode(ticket) for ticket in tickets))

    async def beat(self, server: str, lease_ms: int) -> Beat:
        """A server lives, for so long; what dead ones left is swept."""
        held, version, batch, interactive, runners = await self._do("beat", server, lease_ms)
        seen = tuple(
            Seen(name=name.decode(), text=text, batch=in_batch, interactive=in_interactive, memory_bytes=memory)
            for name, text, in_batch, in_interactive, memory in runners
        )
        return Beat(held=bool(held), version=version, waiting={"batch": batch, "interactive": interactive}, runners=seen)

    async def _do(self, operation: str, *arguments: str | bytes | int) -> Any:
        return await self._script([f"{self._keys.root}tickets"], [self._keys.root, operation, self._limits, *arguments])  # pyright: ignore[reportReturnType]
