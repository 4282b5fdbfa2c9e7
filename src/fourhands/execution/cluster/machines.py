"""The runners that have joined, as a server knows them: what they said of themselves, and what of it counts.

A runner may have been broken into: what it says is read within bounds, and one that makes no sense is left out.
"""

import re
from collections.abc import Sequence

import msgspec
import redis.asyncio
import structlog
from msgspec import Struct

from fourhands.execution.cluster.keys import Keys
from fourhands.execution.cluster.words import REGISTRATION_BYTES, STATE_BYTES, Registration, Seen
from fourhands.execution.link import VERSION, State
from fourhands.execution.port import Health, Runtime
from fourhands.execution.queue import MachineFigures

NONE = Health(
    False,
    "No runner has joined, so programs do not run on the server.",
    "Start one, on this machine or another:  REDIS_URL=... fourhands runner",
)

_NUMBERS = re.compile(r"\d{1,9}")

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.execution")


class _Machine(Struct):
    registration: Registration
    state: State | None
    seen: Seen


class Machines:
    """Invariant: holds those alone whose lease held at the last beat."""

    def __init__(self, connection: "redis.asyncio.Redis", keys: Keys) -> None:
        self._connection = connection
        self._keys = keys
        self._known: dict[str, _Machine] = {}
        self._refused: dict[str, str] = {}

    async def learn(self, seen: Sequence[Seen]) -> None:
        """What the beat said. Asks for the states that have changed; raises what the connection raises."""
        known: dict[str, _Machine] = {}
        for one in seen:
            if registration := self._read(one):
                before = self._known.get(one.name)
                same = before is not None and before.registration.digest == registration.digest
                state = before.state if same and before is not None else None
                known[one.name] = _Machine(registration, state or await self._state(one.name), one)
        self._known = known
        self._refused = {name: why for name, why in self._refused.items() if name in {one.name for one in seen}}

    def _read(self, seen: Seen) -> Registration | None:
        try:
            registration = msgspec.json.decode(seen.text[:REGISTRATION_BYTES], type=Registration)
        except msgspec.MsgspecError as error:
            self._refuse(seen.name, str(error))
            return None
        if registration.version != VERSION:
            self._refuse(seen.name, f"it speaks version {registration.version}, this server version {VERSION}")
            return None
        return registration

    def _refuse(self, name: str, why: str) -> None:
        if self._refused.get(name) != why:  # once
            self._refused[name] = why
            log.warning("runner.refused", runner=name[:8], reason=why)

    async def _state(self, name: str) -> State | None:
        data = await self._connection.getrange(self._keys.state(name), 0, STATE_BYTES)
        try:
            return msgspec.json.decode(data, type=State)
        except msgspec.MsgspecError as error:
            self._refuse(name, f"its state: {error}")
            return None

    # ---- what of it counts ----

    @property
    def names(self) -> frozenset[str]:
        """Those whose lease holds."""
        return frozenset(self._known)

    def _healthy(self) -> list[tuple[_Machine, State]]:
        return [(machine, machine.state) for machine in self._known.values() if machine.state is not None and machine.state.health.ok]

    @property
    def health(self) -> Health:
        """Good if any of them is."""
        if healthy := self._healthy():
            return Health(True, f"Programs run on {len(healthy)} runner{'s' if len(healthy) > 1 else ''}.")
        states = [machine.state.health for machine in self._known.values() if machine.state is not None]
        return states[0] if states else NONE

    def runtimes(self) -> tuple[Runtime, ...]:
        """What any of them runs; of a language that several have, the newest version."""
        found: dict[str, list[Runtime]] = {}
        for _, state in self._healthy():
            for runtime in state.runtimes:
                found.setdefault(runtime.language, []).append(runtime)
        return tuple(max(runtimes, key=lambda runtime: [int(number) for number in _NUMBERS.findall(runtime.version)]) for runtimes in found.values())

    def memory_of(self) -> dict[str, int]:
        """By language, the memory of the largest runner that has it."""
        found: dict[str, int] = {}
        for machine, state in self._healthy():
            for runtime in state.runtimes:
                found[runtime.language] = max(found.get(runtime.language, 0), machine.registration.memory_bytes)
        return found

    def figures(self) -> list[MachineFigures]:
        """Each of them, by host."""
        return sorted((_figures(name, machine) for name, machine in self._known.items()), key=lambda one: (one.host, one.name))


def _figures(name: str, machine: _Machine) -> MachineFigures:
    said, state, seen = machine.registration, machine.state, machine.seen
    return MachineFigures(
        name=name,
        host=said.host[:64],
        ok=state is not None and state.health.ok,
        sentence=state.health.sentence if state is not None else "What it said makes no sense.",
        languages=tuple(sorted(runtime.language for runtime in state.runtimes)) if state is not None else (),
        batch=seen.batch,
        batch_slots=said.batch,
        interactive=seen.interactive,
        interactive_slots=said.interactive,
        memory_bytes=seen.memory_bytes,
        memory_most_bytes=said.memory_bytes,
    )
