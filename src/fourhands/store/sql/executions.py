"""Rows of runs that ended. Each function works inside its caller's transaction."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import sqlite

from fourhands.model.execution import Execution
from fourhands.store.sql.tables import executions, rooms


def add(connection: Connection, ended: Sequence[Execution]) -> None:
    """Count them; rooms that are gone or have ended are not named."""
    if not ended:
        return
    asked = {execution.room for execution in ended if execution.room is not None}
    there = set(connection.execute(select(rooms.c.id).where(rooms.c.id.in_(asked), rooms.c.ended_at_ms.is_(None))).scalars())
    insert = sqlite.insert
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415 - not loaded where rooms are in SQLite
    connection.execute(insert(executions).on_conflict_do_nothing(), [_row(execution, named=execution.room in there) for execution in ended])


def _row(execution: Execution, *, named: bool) -> dict[str, object]:
    return {
        "id": execution.id,
        "room_id": execution.room if named else None,
        "member": execution.member if named else None,
        "language": execution.language,
        "place": execution.where,
        "status": execution.status,
        "duration_ms": execution.duration_ms,
        "cpu_ms": execution.cpu_ms,
        "memory_bytes": execution.memory_bytes,
        "at_ms": execution.at_ms,
    }


def unname(connection: Connection, room_id: str) -> None:
    """Its runs were nobody's from now on: the room is erased."""
    connection.execute(update(executions).where(executions.c.room_id == room_id).values(room_id=None, member=None))


def forget(connection: Connection, before_ms: int, limit: int) -> int:
    """Delete some that began before that time."""
    due = select(executions.c.id).where(executions.c.at_ms < before_ms).limit(limit)
    return connection.execute(delete(executions).where(executions.c.id.in_(due))).rowcount
