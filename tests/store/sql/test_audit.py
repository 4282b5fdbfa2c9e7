"""The database itself keeps the audit log as it is."""

import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from fourhands.model.audit import SERVER, Noted
from fourhands.store.sql.store import SqlStore


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET who_name = 'nobody'", "UPDATE audit SET at_ms = 0", "DELETE FROM audit", "DELETE FROM audit WHERE id = 1"]
)
async def test_no_statement_changes_what_was_noted_today(store: SqlStore, statement: str) -> None:
    await store.audit.add(Noted("room.ended", SERVER, int(time.time() * 1000)))
    with pytest.raises(IntegrityError, match="append-only"):
        await store.database.write(lambda connection: connection.execute(text(statement)))
    assert len(await store.audit.oldest(9)) == 1


async def test_what_is_older_than_a_day_can_go_and_still_not_change(store: SqlStore) -> None:
    await store.audit.add(Noted("room.ended", SERVER, int((time.time() - 90_000) * 1000)))
    with pytest.raises(IntegrityError, match="append-only"):
        await store.database.write(lambda connection: connection.execute(text("UPDATE audit SET what = 'x'")))
    await store.database.write(lambda connection: connection.execute(text("DELETE FROM audit")))
    assert await store.audit.oldest(9) == []
