"""Starting costs the same whatever is in the database; what a crash left to fold costs by what is left."""

import shutil
from pathlib import Path
from typing import Any

import httpx
from pycrdt import Doc, Text, TransactionEvent

from fourhands.model.entry import Entry, EntryKind
from fourhands.model.role import GuestRole
from fourhands.model.room import Room
from fourhands.store.sql.store import SqlStore
from tests.server import ServerProcess
from tests.soak.conftest import Share, StartServer
from tests.soak.herd import processor_seconds

EDITS_A_ROOM = 100
ROOMS_AT_ONCE = 500
MORE_SECONDS = 0.5
"""What starting the large one may take more; it is a hundredth of that."""


def keystrokes() -> list[Entry]:
    doc = Doc[Any](client_id=5)
    text, updates = doc.get("file:main", type=Text), list[bytes]()

    def note(event: TransactionEvent) -> None:
        updates.append(event.update)

    subscription = doc.observe(note)
    for number in range(EDITS_A_ROOM):
        text.insert(number, "a")
    doc.unobserve(subscription)
    return [Entry(EntryKind.EDIT, update, 1000 + number, "ada") for number, update in enumerate(updates)]


async def fill(folder: Path, rooms: int, copy: Path) -> None:
    """A database with that many rooms; `copy`: as a kill would leave it before the newest of them are folded."""
    store = SqlStore(f"sqlite:///{folder / 'fourhands.db'}")
    await store.start()
    ids, edits = [f"room{number}" for number in range(rooms)], keystrokes()
    for room_id in ids:
        await store.create_room(Room(room_id, "", "python", GuestRole.EDITOR, False, "epoch", 1000, 1000), None, [], [])
    for start in range(0, rooms, ROOMS_AT_ONCE):
        await store.fold()
        await store.commit(dict.fromkeys(ids[start : start + ROOMS_AT_ONCE], edits))
    shutil.copytree(folder, copy)
    await store.stop()


def starting(server: ServerProcess) -> float:
    """Processor seconds until it can serve everything, which does not depend on what else the machine does; the best of three."""
    took: list[float] = []
    for _ in range(3):
        server.stop()
        server.start()
        took.append(worked(server))
    return min(took)


def worked(server: ServerProcess) -> float:
    """Processor seconds of a server that was started and can serve everything."""
    assert httpx.get(f"{server.url}/readyz").status_code == 200
    return processor_seconds(server.pid)


async def test_a_million_edits_are_no_reason_to_wait(start_server: StartServer, share: Share, quick_dir: Path) -> None:
    large, crashed = quick_dir / "large", quick_dir / "crashed"
    large.mkdir()
    await fill(large, share(10_000), crashed)
    empty = starting(start_server(data_dir=quick_dir / "empty"))
    assert starting(start_server(data_dir=large)) - empty < MORE_SECONDS
    assert worked(start_server(data_dir=crashed)) - empty < 2 * MORE_SECONDS
