"""What is counted of a run that ended, for whoever looks after a server: never its code, never its output."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Execution:
    """`id` is the run's. `room` and `member` are None in ephemeral rooms, and once the room was ended or deleted.

    Times in milliseconds; `cpu_ms` and `memory_bytes` (the most used at once) are known of runs on the server alone.
    """

    id: str
    room: str | None
    member: str | None
    language: str
    where: Literal["browser", "server"]
    status: str
    duration_ms: int
    cpu_ms: int | None
    memory_bytes: int | None
    at_ms: int
