"""Rewrites a room in a process of its own, which kills itself before its n-th statement: `python -m tests.store.sql.rewriter FOLDER N`.

It says `alive` if there were not so many.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from fourhands.store.sql import rewriting
from fourhands.store.sql.store import SqlStore
from tests.store.sql.pasted import FILE, ROOM, erasing


async def main(folder: Path, before: int) -> None:
    store = SqlStore(f"sqlite:///{folder / FILE}")
    await store.start()
    await store.fold()
    statements = 0

    def count(statement: str) -> None:
        nonlocal statements
        statements += 1
        if statements == before:
            os.kill(os.getpid(), signal.SIGKILL)

    def listen() -> None:
        with store.database.driver() as driver:
            driver.set_trace_callback(count)

    await store.database.on_writer(listen)
    rewriting.SCRUB_SECONDS = 0.01
    await store.rewrite_room(ROOM, erasing())
    print("alive", flush=True)


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
