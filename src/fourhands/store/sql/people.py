"""The part of `SqlStore` that keeps a room's people and invitations. Every method is described in `store.port.Store`."""

from collections.abc import Mapping, Sequence
from typing import Unpack, cast

from sqlalchemy import Connection

from fourhands.model.room import Invite, Member, MemberState
from fourhands.store.port import MemberChanges, RoomChanges
from fourhands.store.sealing import Sealer
from fourhands.store.sql import invitations, members
from fourhands.store.sql.transactions import Transactions


def given(changes: RoomChanges | MemberChanges) -> dict[str, str | int]:
    """What is to be changed, as it is written."""
    changed = cast("Mapping[str, str | int | None]", changes)
    return {name: str(value) if isinstance(value, str) else value for name, value in changed.items() if value is not None}


class People:
    def __init__(self, database: Transactions, sealer: Sealer) -> None:
        self.database = database
        self._sealer = sealer

    async def add_member(self, member: Member, invite_id: str | None = None) -> None:
        def add(connection: Connection) -> None:
            if invite_id is not None:
                invitations.use(connection, member.room_id, invite_id, member.joined_at_ms)
            members.add(connection, self._sealer, member)

        await self.database.write(add, clash="This person is in the room already.")

    async def member(self, room_id: str, member_id: str) -> Member | None:
        return await self.database.read(lambda connection: members.find(connection, self._sealer, room_id, member_id))

    async def change_member(self, room_id: str, member_id: str, *, used: tuple[str, int] | None = None, **changes: Unpack[MemberChanges]) -> Member:
        def change(connection: Connection) -> Member:
            if used is not None:
                invitations.use(connection, room_id, *used)
            return members.change(connection, self._sealer, room_id, member_id, given(changes))

        return await self.database.write(change)

    async def members(self, room_id: str, state: MemberState | None = None, limit: int | None = None) -> Sequence[Member]:
        return await self.database.read(lambda connection: members.all_of(connection, self._sealer, room_id, state, limit))

    async def count_members(self, room_id: str) -> int:
        return await self.database.read(lambda connection: members.count(connection, room_id))

    async def invites(self, room_id: str) -> Sequence[Invite]:
        return await self.database.read(lambda connection: invitations.find(connection, self._sealer, room_id))

    async def put_invite(self, invite: Invite) -> None:
        await self.database.write(lambda connection: invitations.put(connection, self._sealer, invite))

    async def revoke_invite(self, room_id: str, invite_id: str, at_ms: int) -> Invite:
        return await self.database.write(lambda connection: invitations.revoke(connection, self._sealer, room_id, invite_id, at_ms))
