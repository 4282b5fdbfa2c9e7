"""Rows of bans: few, so they are read all at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from fourhands.errors import NotFound
from fourhands.model.ban import Ban
from fourhands.store.sql.tables import bans
from fourhands.store.sql.transactions import Transactions


class SqlBans:
    """Implements `store.protection.BanStore`."""

    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def add(self, ban: Ban) -> None:
        values = {name: getattr(ban, name) for name in bans.c.keys()}  # noqa: SIM118 - columns iterate as columns
        await self._database.write(lambda connection: connection.execute(insert(bans).values(values)))

    async def remove(self, ban_id: str) -> Ban:
        def go(connection: Connection) -> Ban:
            row = connection.execute(select(bans).where(bans.c.id == ban_id)).one_or_none()
            if row is None:
                raise NotFound("There is no such ban (any more).")
            connection.execute(delete(bans).where(bans.c.id == ban_id))
            return _ban(row)

        return await self._database.write(go)

    async def all(self) -> Sequence[Ban]:
        statement = select(bans).order_by(bans.c.at_ms, bans.c.id)
        return await self._database.read(lambda connection: [_ban(row) for row in connection.execute(statement)])

    async def forget(self, now_ms: int) -> int:
        return await self._database.write(lambda connection: connection.execute(delete(bans).where(bans.c.until_ms <= now_ms)).rowcount)


def _ban(row: Row[Any]) -> Ban:
    return Ban(row.id, row.kind, row.subject, row.reason, row.by, row.at_ms, row.until_ms)
