"""A runner as a process of its own, over scripts: `python -m tests.execution.scripted_runner DESCRIPTOR`."""

import asyncio
import json
import os
import sys

from fourhands.execution.port import Exit
from fourhands.runner import Runner, serve_descriptor
from tests.execution.scripted import ScriptedBackend, ScriptedRun


async def environment(run: ScriptedRun) -> None:
    """Says what this process knows."""
    await run.print(json.dumps(dict(os.environ)))
    await run.say(Exit(stage="run", status="ok", code=0))


async def crash(run: ScriptedRun) -> None:
    """The process ends as if killed."""
    await run.print("goodbye")
    os._exit(3)


async def main() -> None:
    backend = ScriptedBackend(environment=environment, crash=crash)
    await serve_descriptor(Runner(backend, test_seconds=3600), backend, int(sys.argv[1]))


if __name__ == "__main__":
    asyncio.run(main())
