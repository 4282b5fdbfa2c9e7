"""One sandbox from its start to the moment when nothing of it is left: its user id, its group, its descriptors, its process.

::

    start() -> alive -> (ended by itself | kill()) -> end() waits until everything is dead -> close()

Invariant: a user id is given back, and a group removed, only when no process of the sandbox is left.
"""

import asyncio
import contextlib
import os
import signal
import time

import structlog

from fourhands.errors import Unavailable
from fourhands.execution.backends.sandbox.cgroups import Group, Groups, Usage
from fourhands.execution.backends.sandbox.channels import Channels, open_channels, read_some, readable
from fourhands.execution.backends.sandbox.command import Launch
from fourhands.execution.backends.sandbox.forks import ForkPool
from fourhands.execution.backends.sandbox.slots import Slots
from fourhands.execution.backends.sandbox.verdict import Evidence, read_status
from fourhands.execution.backends.sandbox.zygote import Fork, Zygote
from fourhands.execution.port import Limits, Terminal

OWN_PROCESSES = 2
"""Of bubblewrap: one outside, and the first one inside."""
DYING_SECONDS = 5.0
POLL_SECONDS = 0.002

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.sandbox")


class Place:
    """Where sandboxes are made: groups, user ids, the launcher, what it has waiting. Shared by all of a backend."""

    def __init__(self, groups: Groups, slots: Slots, zygote: Zygote, *, forks: int) -> None:
        self.groups = groups
        self.slots = slots
        self.zygote = zygote
        self.forks = ForkPool(groups, zygote, size=forks)

    def close(self) -> None:
        """End everything in it."""
        self.forks.close()
        self.zygote.close()
        self.groups.close()
        self.slots.close()


class Sandbox:
    """A started sandbox. `memory_bytes` and the rest may be changed while it lives (`limit`)."""

    def __init__(self, place: Place, uid: int | None, group: Group, channels: Channels, process: Fork) -> None:
        self._place = place
        self._uid = uid
        self._group = group
        self._process = process
        self._status = b""
        self._limited: tuple[float, ...] = ()
        self.channels = channels

    @classmethod
    async def start(cls, place: Place, launch: Launch, limits: Limits, memory_bytes: int, terminal: Terminal | None = None) -> "Sandbox":
        """Start it. Raises `Unavailable` if that cannot be."""
        async with contextlib.AsyncExitStack() as undo:
            try:
                uid = place.slots.take()
                undo.callback(place.slots.give_back, uid)
                group, process = await place.forks.take()
                undo.push_async_callback(_discard, group, process)
                set_limits(group, limits, memory_bytes)
                channels = open_channels(terminal, uid)
            except (OSError, RuntimeError) as error:
                raise Unavailable(f"A sandbox could not be made: {error}.", "sandbox") from error
            undo.callback(channels.close)
            await process.become(launch, uid=uid, descriptors=channels.theirs)
            undo.pop_all()
        place.forks.fill()
        channels.close_theirs()
        sandbox = cls(place, uid, group, channels, process)
        sandbox._limited = _of_group(limits, memory_bytes)
        return sandbox

    @property
    def ended(self) -> bool:
        """Whether its process has ended."""
        return self._process.ended

    def limit(self, limits: Limits, memory_bytes: int) -> bool:
        """Change what it may use; False if it uses more memory than that already."""
        try:
            if (wanted := _of_group(limits, memory_bytes)) != self._limited:
                set_limits(self._group, limits, memory_bytes)
                self._limited = wanted
            self._group.forget_peak()
        except OSError:
            return False
        return True

    def usage(self) -> Usage:
        return self._group.usage()

    def kill(self) -> None:
        """Kill everything in it. May be called at any time."""
        self._process.kill()
        with contextlib.suppress(OSError):
            self._group.kill()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to every process of the program, as a terminal does."""
        init = self._read_status().get("child-pid", -1)
        with contextlib.ExitStack() as opened:
            descriptors: dict[int, int] = {}
            for pid in set(self._group.processes()) - {self._process.pid, init}:
                with contextlib.suppress(ProcessLookupError):
                    descriptors[pid] = os.pidfd_open(pid)
                    opened.callback(os.close, descriptors[pid])
            for pid in descriptors.keys() & set(self._group.processes()):  # no other one got a number meanwhile
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(descriptors[pid], number)

    async def end(self) -> Evidence:
        """Wait for the end, see to it that nothing is left, and say what was seen. Once."""
        await readable(self._process.descriptor)
        self.kill()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._await_sync(), DYING_SECONDS)
        deadline = time.monotonic() + DYING_SECONDS
        while self._group.processes() and time.monotonic() < deadline:
            self.kill()
            await asyncio.sleep(POLL_SECONDS)
        usage = self._group.usage()
        os.close(self._process.descriptor)
        while not (removed := self._group.remove()) and time.monotonic() < deadline:  # noqa: ASYNC110 - the same
            await asyncio.sleep(POLL_SECONDS)
        if removed:
            self._place.slots.give_back(self._uid)
        else:  # its user id is used no more; the group goes at the next start
            log.error("a sandbox does not end", joins=self._group.joins)
        return Evidence(self._read_status().get("exit-code"), usage)

    def close(self) -> None:
        """Close the descriptors: after `end`, when all was read."""
        self.channels.close()

    async def _await_sync(self) -> None:
        while read_some(self.channels.sync) != b"":
            await readable(self.channels.sync)

    def _read_status(self) -> dict[str, int]:
        while more := read_some(self.channels.status):
            self._status += more
        return read_status(self._status)


def _of_group(limits: Limits, memory_bytes: int) -> tuple[float, ...]:
    """What its group is told of these limits."""
    return memory_bytes, limits.processes, limits.cores


def set_limits(group: Group, limits: Limits, memory_bytes: int) -> None:
    """Raises `OSError` if more is used already."""
    group.limit(memory_bytes=memory_bytes, processes=limits.processes + OWN_PROCESSES, cores=limits.cores)


async def _discard(group: Group, fork: Fork) -> None:
    """End a fork that became nothing, and remove its group."""
    fork.kill()
    await readable(fork.descriptor)
    fork.close()
    group.remove()
