"""`SqlStore`: the store's port on a SQL database. One transaction a call; the statements stand in rooms, members and journal."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

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
        async def add(connection: AsyncConnection) -> None:
            await rooms.add(connection, room, len(first))
            if host is not None:
                await members.add(connection, host)
            await members.add_invites(connection, invites)
            await journal.write(connection, room.id, 0, first)

        await self.database.write(add, clash="There is already a room with this id.")

    async def room(self, room_id: str) -> Room | None:
        return await self.database.read(lambda connection: rooms.find(connection, room_id))

    async def change_room(self, room_id: str, *, title: str | None = None, guest_role: GuestRole | None = None, language: str | None = None) -> Room:
        return await self.database.write(lambda connection: rooms.change(connection, room_id, _given(title=title, guest_role=guest_role, language=language)))

    async def touch_rooms(self, used_at_ms: Mapping[str, int]) -> None:
        await self.database.write(lambda connection: rooms.touch(connection, used_at_ms))

    async def end_room(self, room_id: str, at_ms: int) -> None:
        await self.database.write(lambda connection: rooms.end(connection, room_id, at_ms))

    async def delete_room(self, room_id: str) -> None:
        await self.database.write(lambda connection: rooms.remove(connection, room_id))

    async def unused_rooms(self, before_ms: int, limit: int) -> Sequence[str]:
        return await self.database.read(lambda connection: rooms.unused(connection, before_ms, limit))

    async def add_member(self, member: Member) -> None:
        await self.database.write(lambda connection: members.add(connection, member), clash="This person is in the room already.")

    async def member(self, room_id: str, member_id: str) -> Member | None:
        return await self.database.read(lambda connection: members.find(connection, room_id, member_id))

    async def change_member(self, room_id: str, member_id: str, *, name: str | None = None, color: str | None = None, role: Role | None = None) -> Member:
        return await self.database.write(lambda connection: members.change(connection, room_id, member_id, _given(name=name, color=color, role=role)))

    async def count_members(self, room_id: str) -> int:
        return await self.database.read(lambda connection: members.count(connection, room_id))

    async def invites(self, room_id: str) -> Sequence[Invite]:
        return await self.database.read(lambda connection: members.find_invites(connection, room_id))

    async def load(self, room_id: str) -> Stored | None:
        return await self.database.read(lambda connection: journal.load(connection, room_id))

    async def tail(self, room_id: str, kind: EntryKind, limit: int) -> Sequence[StoredEntry]:
        return await self.database.read(lambda connection: journal.tail(connection, room_id, kind, limit))

    async def commit(self, batches: Mapping[str, Sequence[Entry]]) -> Committed:
        return await self.database.write(lambda connection: journal.append(connection, batches))

    async def write_snapshot(self, room_id: str, snapshot: Snapshot) -> None:
        await self.database.write(lambda connection: journal.write_snapshot(connection, room_id, snapshot))
