"""A runner of an installation as a process of its own, over real sandboxes: `python -m tests.execution.cluster.sandbox_runner URL PREFIX LEASE LANGUAGE...`."""

import asyncio
import sys

from fourhands.execution.backends.sandbox.backend import SandboxBackend
from fourhands.execution.backends.sandbox.options import SandboxOptions
from fourhands.execution.cluster.runner_end import RunnerEnd
from fourhands.execution.cluster.words import Capacity
from fourhands.runner import Runner, join
from tests.execution.sandboxes import TOOLCHAINS


async def main(url: str, prefix: str, lease_seconds: float, languages: list[str]) -> None:
    backend = SandboxBackend(tuple(one for one in TOOLCHAINS if one.language in languages), SandboxOptions(warm=0, forks=0))
    runner = Runner(backend, test_seconds=3600)
    end = RunnerEnd(url, prefix, backend, Capacity(2, 2, 4 << 30), lease_seconds=lease_seconds, doubted=runner.doubt)
    await join(runner, backend, end, started=lambda: print("up", flush=True))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4:]))
