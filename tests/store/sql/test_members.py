"""How people's rows are kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Invite, Member, Room
from fourhands.store.sql.store import SqlStore


async def test_roles_are_written_as_their_words(store: SqlStore, path: Path, room: Room) -> None:
    await store.add_member(Member("ada", room.id, "Ada", "#c2410c", Role.VIEWER, 1))
    await store.change_member(room.id, "ada", role=Role.EDITOR)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT role, typeof(role) FROM members").fetchall() == [("editor", "text")]


async def test_invites_come_in_the_order_of_their_roles(store: SqlStore) -> None:
    invites = [Invite("r", role, key) for role, key in ((Role.HOST, "a"), (Role.VIEWER, "b"), (Role.EDITOR, "c"), (Role.VIEWER, "a2"))]
    await store.create_room(Room("r", "", "python", GuestRole.EDITOR, False, "e", 1, 1), None, invites, [])
    assert [invite.key for invite in await store.invites("r")] == ["a2", "b", "c", "a"]
