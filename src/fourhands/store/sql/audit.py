"""Rows of the audit log. Triggers keep them as they are (see the migration)."""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, text

from fourhands.model.audit import Noted, Who
from fourhands.store.protection import AuditWanted
from fourhands.store.sql.tables import audit
from fourhands.store.sql.transactions import Transactions

KEPT_SECONDS = 86_400
"""What is younger is refused to be deleted by the database itself."""


class SqlAudit:
    """Implements `store.protection.AuditStore`. Lines are not sealed, and outlive rooms."""

    def __init__(self, database: Transactions) -> None:
        self._database = database

    async def add(self, noted: Noted) -> None:
        values = {
            "at_ms": noted.at_ms,
            "what": noted.what,
            "who_kind": noted.who.kind,
            "who_id": noted.who.id,
            "who_name": noted.who.name,
            "address": noted.who.address,
            "room_id": noted.room_id,
            "subject": noted.on,
            "detail": msgspec.json.encode(noted.detail).decode(),
        }

        def go(connection: Connection) -> None:
            if connection.dialect.name == "postgresql":  # one after another, so that whoever reads on by ids misses no line
                connection.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))
            connection.execute(insert(audit).values(values))

        await self._database.write(go)

    async def newest(self, limit: int, *, before: int | None = None, **wanted: Unpack[AuditWanted]) -> Sequence[Noted]:
        statement = select(audit).where(*_conditions(wanted)).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(audit.c.id < before)
        return await self._database.read(lambda connection: [_noted(row) for row in connection.execute(statement)])

    async def oldest(self, limit: int, *, after: int = 0, **wanted: Unpack[AuditWanted]) -> Sequence[Noted]:
        statement = select(audit).where(audit.c.id > after, *_conditions(wanted)).order_by(audit.c.id).limit(limit)
        return await self._database.read(lambda connection: [_noted(row) for row in connection.execute(statement)])

    async def forget(self, before_ms: int, limit: int) -> int:
        def go(connection: Connection) -> int:
            now = func.extract("epoch", func.now()) if connection.dialect.name == "postgresql" else func.strftime("%s", "now")
            old_ms = min(before_ms, (int(connection.execute(select(now)).scalar_one()) - KEPT_SECONDS) * 1000)
            due = select(audit.c.id).where(audit.c.at_ms < old_ms).limit(limit)
            return connection.execute(delete(audit).where(audit.c.id.in_(due))).rowcount

        return await self._database.write(go)


def _conditions(wanted: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for name, value in wanted.items():
        match name:
            case "what":
                found.append((audit.c.what == value) | audit.c.what.startswith(f"{value}.", autoescape=True))
            case "who":
                found.append(audit.c.who_id == value)
            case "room_id":
                found.append(audit.c.room_id == value)
            case "since_ms":
                found.append(audit.c.at_ms >= value)
            case _:
                found.append(audit.c.at_ms < value)
    return found


def _noted(row: Row[Any]) -> Noted:
    who = Who(row.who_kind, row.who_id, row.who_name, row.address)
    return Noted(row.what, who, row.at_ms, row.room_id, row.subject, msgspec.json.decode(row.detail), row.id)
