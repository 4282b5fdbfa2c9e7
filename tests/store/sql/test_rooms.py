"""What ending and deleting a room leave on the disk: nothing."""

import os
from pathlib import Path

import pytest

from fourhands.model.entry import Entry, EntryKind
from fourhands.model.role import Role
from fourhands.model.room import Invite, Member, Room
from fourhands.store.snapshots import Snapshot
from fourhands.store.sql.store import SqlStore

EDIT, STATE = os.urandom(600), os.urandom(600)  # what cannot be compressed is kept as it is
TRACES = (EDIT[:64], b"secret talk", STATE[:64], b"Ada Secret", b"secret-key", b"secret title")


@pytest.mark.parametrize("verb", ["end", "delete"])
async def test_what_is_erased_is_not_in_the_file_any_more(store: SqlStore, path: Path, room: Room, verb: str) -> None:
    await store.create_room(
        Room("secret", "secret title", "python", room.guest_role, False, "e", 1, 1),
        Member("ada", "secret", "Ada Secret", "#000000", Role.HOST, 1),
        [Invite("secret", Role.HOST, "secret-key")],
        [Entry(EntryKind.EDIT, payload, 1) for payload in (EDIT, os.urandom(12_000))] + [Entry(EntryKind.CHAT, b"secret talk", 1)],
    )
    await store.write_snapshot("secret", Snapshot(1, STATE))
    await store.stop()
    before = path.read_bytes()
    assert all(trace in before for trace in TRACES)
    await store.start()
    await (store.end_room("secret", 2) if verb == "end" else store.delete_room("secret"))
    await store.stop()
    after = path.read_bytes()
    assert [trace for trace in TRACES if trace in after] == []


@pytest.mark.parametrize("verb", ["end", "delete"])
async def test_nor_is_what_only_the_log_had_of_it(store: SqlStore, path: Path, room: Room, verb: str) -> None:
    await store.commit({room.id: [Entry(EntryKind.EDIT, EDIT, 1)]})
    await (store.end_room(room.id, 2) if verb == "end" else store.delete_room(room.id))
    await store.stop()
    assert EDIT[:64] not in path.read_bytes()
