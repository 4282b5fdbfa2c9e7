"""A runner of an installation as a process of its own: `python -m tests.soak.marking_runner URL PREFIX LEASE_SECONDS FILE`.

Each program that it starts writes its id into the file, one a line, before anything else: one that runs twice stands there twice, whatever
became of its output. Says "up" when it has joined.
"""

import asyncio
import os
import random
import sys

from fourhands.execution.cluster.runner_end import RunnerEnd
from fourhands.execution.cluster.words import Capacity
from fourhands.execution.port import Exit, Stage
from fourhands.runner import Runner, join
from tests.execution.scripted import ScriptedBackend, ScriptedRun

LONGEST_SECONDS = 0.4


async def main(url: str, prefix: str, lease_seconds: float, path: str) -> None:
    marks = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def mark(run: ScriptedRun) -> None:
        os.write(marks, f"{run.job.id}\n".encode())  # one write of a file that is appended to is whole, also when this is killed
        await run.say(Stage("run"))
        await run.print(f"begins {run.job.id}\n")
        await asyncio.sleep(random.random() * LONGEST_SECONDS)
        await run.print(f"ends {run.job.id}\n")
        await run.say(Exit(stage="run", status="ok", code=0))

    backend = ScriptedBackend(python=mark)
    runner = Runner(backend, test_seconds=3600)
    end = RunnerEnd(url, prefix, backend, Capacity(4, 4, 4 << 30), lease_seconds=lease_seconds, doubted=runner.doubt)
    await join(runner, backend, end, started=lambda: print("up", flush=True))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4]))
