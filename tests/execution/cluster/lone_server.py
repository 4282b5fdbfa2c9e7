"""A server's end as a process of its own, with one program that goes on: `python -m tests.execution.cluster.lone_server URL PREFIX LEASE`.

Says "running" when the program is.
"""

import asyncio
import sys

from fourhands.execution.cluster.server_end import ServerEnd
from fourhands.execution.port import Job, Limits, SourceFile
from fourhands.execution.queue import Ask, QueueLimits
from tests.execution.conftest import until


async def main(url: str, prefix: str, lease_seconds: float) -> None:
    end = ServerEnd(url, prefix, QueueLimits(), lease_seconds=lease_seconds)
    end.start_beating()
    await until(end.runtimes)
    await end.turns.enter(Ask(room="r", person="p", memory_bytes=1 << 28, language="sh", job="lone"))
    limits = Limits(wall_seconds=300, idle_seconds=300)
    run = await end.start(Job(id="lone", language="sh", files=(SourceFile("main.sh", b"echo here; sleep 300"),), limits=limits))
    async for event in run:
        if hasattr(event, "stream"):
            print("running", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
