"""A runner as a process of its own, over scripts: `python -m tests.execution.scripted_runner DESCRIPTOR`, or a path to listen at."""

import asyncio
import json
import os
import sys
from pathlib import Path

from fourhands.execution.port import Exit
from fourhands.runner import Runner, listen, serve_descriptor
from tests.execution.scripted import ScriptedBackend, ScriptedRun

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "tests.execution.scripted_runner")
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}


async def environment(run: ScriptedRun) -> None:
    """Says what this process knows."""
    await run.print(json.dumps(dict(os.environ)))
    await run.say(Exit(stage="run", status="ok", code=0))


async def crash(run: ScriptedRun) -> None:
    """The process ends as if killed."""
    await run.print("goodbye")
    os._exit(3)


async def main(where: str) -> None:
    backend = ScriptedBackend(environment=environment, crash=crash)
    runner = Runner(backend, test_seconds=3600)
    if where.isdigit():
        await serve_descriptor(runner, backend, int(where))
    else:
        await listen(runner, backend, Path(where), 0o600, started=lambda: print("up", flush=True))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
