"""How people's rows are kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

from fourhands.model.role import Role
from fourhands.model.room import Member, Room
from fourhands.store.sql.store import SqlStore


async def test_roles_are_written_as_their_words(store: SqlStore, path: Path, room: Room) -> None:
    await store.add_member(Member("ada", room.id, "Ada", "#c2410c", Role.VIEWER, 1))
    await store.change_member(room.id, "ada", role=Role.EDITOR)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT role, typeof(role) FROM members").fetchall() == [("editor", "text")]
