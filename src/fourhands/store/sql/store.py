"""`SqlStore`: the store's port on a SQL database. One transaction a call; the statements stand in rooms, members and journal."""

from collections.abc import Mapping, Sequence

from fourhands.model.entry import Entry, EntryKind, StoredEntry
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Invite, Member, Room
from fourhands.store.port import Committed, Snapshot, Stored
from fourhands.store.sql import journal, members, rooms
from fourhands.store.sql.engine import Database


def _given(**values: str | None) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value is not None}


class SqlStore:
    """Implements `store.port.Store`, where every method is described.

    `url`: `sqlite:///PATH`; raises `InvalidRequest` for what is not supported. `busy_seconds`: how long a write waits
    for a database that another program has locked, before `Unavailable`.
    """

    def __init__(self, url: str, *, busy_seconds: float = 5.0) -> None:
        self.database = Database(url, busy_seconds=busy_seconds)

    async def start(self) -> None:
        await self.database.open()

    async def stop(self) -> None:
        await self.database.close()

    async def create_room(self, room: Room, host: Member | None, invites: Sequence[Invite], first: Sequence[Entry]) -> None:
        async with self.database.write(clash="There is already a room with this id.") as connection:
            await rooms.add(connection, room, len(first))
            if host is not None:
                await members.add(connection, host)
            await members.add_invites(connection, invites)
            await journal.write(connection, room.id, 0, first)

    async def room(self, room_id: str) -> Room | None:
        async with self.database.read() as connection:
            return await rooms.find(connection, room_id)

    async def change_room(self, room_id: str, *, title: str | None = None, guest_role: GuestRole | None = None, language: str | None = None) -> Room:
        async with self.database.write() as connection:
            return await rooms.change(connection, room_id, _given(title=title, guest_role=guest_role, language=language))

    async def touch_rooms(self, used_at_ms: Mapping[str, int]) -> None:
        async with self.database.write() as connection:
            await rooms.touch(connection, used_at_ms)

    async def end_room(self, room_id: str, at_ms: int) -> None:
        async with self.database.write() as connection:
            await rooms.end(connection, room_id, at_ms)

    async def delete_room(self, room_id: str) -> None:
        async with self.database.write() as connection:
            await rooms.remove(connection, room_id)

    async def unused_rooms(self, before_ms: int, limit: int) -> Sequence[str]:
        async with self.database.read() as connection:
            return await rooms.unused(connection, before_ms, limit)

    async def add_member(self, member: Member) -> None:
        async with self.database.write(clash="This person is in the room already.") as connection:
            await members.add(connection, member)

    async def member(self, room_id: str, member_id: str) -> Member | None:
        async with self.database.read() as connection:
            return await members.find(connection, room_id, member_id)

    async def change_member(self, room_id: str, member_id: str, *, name: str | None = None, color: str | None = None, role: Role | None = None) -> Member:
        async with self.database.write() as connection:
            return await members.change(connection, room_id, member_id, _given(name=name, color=color, role=role))

    async def count_members(self, room_id: str) -> int:
        async with self.database.read() as connection:
            return await members.count(connection, room_id)

    async def invites(self, room_id: str) -> Sequence[Invite]:
        async with self.database.read() as connection:
            return await members.find_invites(connection, room_id)

    async def load(self, room_id: str) -> Stored | None:
        async with self.database.read() as connection:
            return await journal.load(connection, room_id)

    async def tail(self, room_id: str, kind: EntryKind, limit: int) -> Sequence[StoredEntry]:
        async with self.database.read() as connection:
            return await journal.tail(connection, room_id, kind, limit)

    async def commit(self, batches: Mapping[str, Sequence[Entry]]) -> Committed:
        async with self.database.write() as connection:
            return await journal.append(connection, batches)

    async def write_snapshot(self, room_id: str, snapshot: Snapshot) -> None:
        async with self.database.write() as connection:
            await journal.write_snapshot(connection, room_id, snapshot)
