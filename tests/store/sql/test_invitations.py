"""How invitations are kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Invite, Room
from fourhands.store.encryption import KEY_BYTES, Encryption
from fourhands.store.sealing import PLAIN
from fourhands.store.sql.store import SqlStore


async def test_they_come_by_role_the_standing_one_first_then_by_age(store: SqlStore) -> None:
    invites = [
        Invite("r", role, key, made_at_ms=at) for role, key, at in ((Role.HOST, "a", 1), (Role.VIEWER, "b", 2), (Role.EDITOR, "c", 3), (Role.VIEWER, "d", 1))
    ]
    standing = Invite("r", Role.VIEWER, "s", id="viewer", made_at_ms=9)
    await store.create_room(Room("r", "", "python", GuestRole.EDITOR, False, "e", 1, 1), None, [*invites, standing], [])
    assert [invite.key for invite in await store.invites("r")] == ["s", "d", "b", "c", "a"]


async def test_labels_and_the_password_are_sealed_also_in_a_room_that_gets_its_key_later(tmp_path: Path) -> None:
    path = tmp_path / "rooms.db"
    label, hashed = "for Grace Hopper", "$argon2id$secret"

    async def written(sealer: Encryption | None) -> list[bytes]:
        store = SqlStore(f"sqlite:///{path}", sealer=sealer or PLAIN)
        await store.start()
        if sealer is None:
            await store.create_room(
                Room("r", "", "python", GuestRole.EDITOR, False, "e", 1, 1, password_hash=hashed), None, [Invite("r", Role.EDITOR, "k", label=label)], []
            )
        room, [invite] = await store.room("r"), await store.invites("r")
        await store.stop()
        assert room is not None
        assert (room.password_hash, invite.label) == (hashed, label)
        with closing(sqlite3.connect(path)) as other:
            return [*other.execute("SELECT password FROM rooms").fetchone(), *other.execute("SELECT label FROM invites").fetchone()]

    assert await written(None) == [hashed.encode(), label.encode()]
    assert not [kept for kept in await written(Encryption([b"k" * KEY_BYTES])) if kept in (hashed.encode(), label.encode())]
