"""A store on a file of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fourhands.model.role import GuestRole
from fourhands.model.room import Room
from fourhands.store.sql.store import SqlStore

ROOM = Room(
    id="aaaa-aaaa-aaaa",
    title="Two sum",
    language="python",
    guest_role=GuestRole.EDITOR,
    ephemeral=False,
    epoch="e1",
    created_at_ms=1,
    last_used_at_ms=1,
)


@pytest.fixture
def path(quick_dir: Path) -> Path:
    """Where the database is to lie; nothing is there yet."""
    return quick_dir / "rooms.db"


@pytest.fixture
def room() -> Room:
    return ROOM


@pytest.fixture
async def store(path: Path, room: Room) -> AsyncIterator[SqlStore]:
    """A started store that waits .2 s for locks and holds `room`."""
    store = SqlStore(f"sqlite:///{path}", busy_seconds=0.2)
    await store.start()
    await store.create_room(room, None, [], [])
    yield store
    await store.stop()
