"""A process that is killed loses nothing that it committed."""

import asyncio
import sys
from pathlib import Path

from fourhands.model.room import Room
from fourhands.store.sql.store import SqlStore

COMMITTER = """
import asyncio, sys
from fourhands.model.entry import Entry, EntryKind
from fourhands.store.sql.store import SqlStore

async def main():
    store = SqlStore(sys.argv[1])
    await store.start()
    number = 0
    while True:
        number += 1
        done = await store.commit({sys.argv[2]: [Entry(EntryKind.EDIT, b"%d" % number, number)] * 2})
        print(done.heads[sys.argv[2]], flush=True)

asyncio.run(main())
"""


async def test_what_was_committed_before_a_kill_is_there(store: SqlStore, path: Path, room: Room) -> None:
    await store.stop()
    said = 0
    for _ in range(3):
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", COMMITTER, f"sqlite:///{path}", room.id, stdout=asyncio.subprocess.PIPE)
        assert child.stdout is not None
        for _ in range(20):
            said = int(await child.stdout.readline())
        child.kill()
        rest = (await child.stdout.read()).splitlines(keepends=True)
        said = max([said, *(int(line) for line in rest if line.endswith(b"\n"))])
        await child.wait()
        await store.start()
        stored = await store.load(room.id)
        assert stored is not None
        assert said <= stored.head == len(stored.edits)
        assert [one.position for one in stored.edits] == list(range(1, stored.head + 1))
        assert len(stored.edits) % 2 == 0
        await store.stop()
