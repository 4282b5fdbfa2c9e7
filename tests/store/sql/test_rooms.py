"""What ending and deleting a room leave on the disk: nothing."""

from pathlib import Path

import pytest

from fourhands.model.entry import Entry, EntryKind
from fourhands.model.role import Role
from fourhands.model.room import Invite, Member, Room
from fourhands.store.port import Snapshot
from fourhands.store.sql.store import SqlStore

TRACES = (b"secret edit", b"secret talk", b"secret state", b"Ada Secret", b"secret-key")


@pytest.mark.parametrize("verb", ["end", "delete"])
async def test_what_is_erased_is_not_in_the_file_any_more(store: SqlStore, path: Path, room: Room, verb: str) -> None:
    await store.create_room(
        Room("secret", "", "python", room.guest_role, False, "e", 1, 1),
        Member("ada", "secret", "Ada Secret", "#000000", Role.HOST, 1),
        [Invite("secret", Role.HOST, "secret-key")],
        [Entry(EntryKind.EDITS, b"secret edit" * size, 1) for size in (1, 1_000)] + [Entry(EntryKind.CHAT, b"secret talk", 1)],
    )
    await store.write_snapshot("secret", Snapshot(1, b"secret state" * 1_000))
    await store.stop()
    before = path.read_bytes()
    assert all(trace in before for trace in TRACES)
    await store.start()
    await (store.end_room("secret", 2) if verb == "end" else store.delete_room("secret"))
    await store.stop()
    after = path.read_bytes()
    assert [trace for trace in TRACES if trace in after] == []
