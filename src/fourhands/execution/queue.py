"""The queue that programs wait in before they are started: what any queue must do. Vocabulary alone, no I/O.

The one in this process is `turns.Turns`; a queue that several servers share is another adapter of this port.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Literal, Protocol

from msgspec import Struct

Lane = Literal["batch", "interactive"]


class Ask(Struct, frozen=True, kw_only=True):
    """Somebody wants to run a program.

    `room` and `person` are whose turn it is counted as; rooms get turns by turns. `memory_bytes` is what it may use at most.
    `limited`: the numbers a room and a person may have running and waiting hold; they do not for machine clients.
    `language`, `job`: what it is and its id, for queues before several machines.
    """

    room: str
    person: str
    memory_bytes: int
    lane: Lane = "batch"
    limited: bool = True
    language: str = ""
    job: str = ""


class QueueLimits(Struct, frozen=True, kw_only=True):
    """What a queue keeps to. `batch`, `interactive`: programs that run at once; `waiting`: that wait, in all.

    `running`, `queued`: of one room, and of one person, in each lane. `memory_bytes`: the sum of what those that run may
    use; interactive ones, which take their time, get at most half of it.
    """

    batch: int = 2
    interactive: int = 16
    waiting: int = 64
    running: int = 1
    queued: int = 3
    memory_bytes: int = 1024 * 1024 * 1024

    def most_bytes(self, lane: Lane) -> int:
        """What one program of a lane may use at most."""
        return self.memory_bytes if lane == "batch" else self.memory_bytes // 2


class MachineFigures(Struct, frozen=True, kw_only=True):
    """A runner that servers share: what it may do and does, for all of them. `sentence`: what its self-test said."""

    name: str
    host: str
    ok: bool
    sentence: str
    languages: tuple[str, ...]
    batch: int
    batch_slots: int
    interactive: int
    interactive_slots: int
    memory_bytes: int
    memory_most_bytes: int


class Turn(Protocol):
    """A place in the queue, then a permission to run. Whoever has one must `leave`, when the program has ended or is not wanted."""

    @property
    def is_granted(self) -> bool:
        """Whether the program may run."""
        ...

    def positions(self) -> AsyncIterator[int]:
        """Its position whenever that changes, 1 is next, 0 not known at the moment; ends when it is granted, or was left."""
        ...

    def leave(self) -> None:
        """Give the place back; at any time, also twice."""
        ...


class Queue(Protocol):
    """Grants turns. Rooms get theirs by turns; within a room who came first goes first."""

    def machines(self) -> "Sequence[MachineFigures]":
        """What it sends programs to, where that is more than this server's own runner."""
        ...

    def memory_of(self) -> Mapping[str, int]:
        """By language, the memory of the largest of those machines that has it."""
        ...

    def waiting_lengths(self) -> Mapping[Lane, int]:
        """How many wait, of everybody who shares the queue."""
        ...

    async def enter(self, ask: Ask) -> Turn:
        """Take a place. Raises `LimitExceeded` if there is none, `InvalidRequest` if the program could never run."""
        ...
