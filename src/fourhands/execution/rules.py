"""What programs may use and how often, as `running` takes it from the settings. Data alone."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from fourhands.execution.port import Limits, Runtime
from fourhands.execution.queue import Lane, QueueLimits


class Rules(Struct, frozen=True, kw_only=True):
    """`program` and `terminal`: limits of a program by itself, and of one with a terminal or open input.

    `files`, `program_bytes`: of one program. `per_minute`: of a person; 0 is no limit. The `api` ones are of one token of Piston's API:
    the time a program gets that names none, and what it may name. `memory_of`: what programs of a language may use together where its
    runners differ; all others `queue.memory_bytes`. `runner_wait_seconds`: how long a turn is kept while there is no runner.
    """

    program: Limits = Limits()
    terminal: Limits = Limits(wall_seconds=300, cpu_seconds=30)
    queue: QueueLimits = QueueLimits()
    files: int = 64
    program_bytes: int = 1024 * 1024
    per_minute: int = 10
    api_per_minute: int = 1200
    api_seconds: float = 3
    api_seconds_most: float = 10
    runner_wait_seconds: float = 20
    memory_of: Mapping[str, int] = {}

    def fitted(self, limits: Limits, runtime: Runtime, lane: Lane) -> Limits:
        """`limits` raised to what the runtime needs, with no more memory than its machine gives to one program."""
        raised = limits.at_least(runtime.needs)
        most = replace(self.queue, memory_bytes=self.memory_of.get(runtime.language, self.queue.memory_bytes)).most_bytes(lane)
        return replace(raised, memory_bytes=min(raised.memory_bytes, most), compile_memory_bytes=min(raised.compile_memory_bytes, most))

    @staticmethod
    def memory_bytes(limits: Limits, runtime: Runtime) -> int:
        """The most that a program may use at once, in whichever stage."""
        return max(limits.memory_bytes, limits.compile_memory_bytes if runtime.compiled else 0)
