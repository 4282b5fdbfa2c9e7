"""The list of somebody's rooms: read by their own index, with titles that are sealed in the file."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import event

from fourhands.model.account import Account
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Member, Room
from fourhands.store.encryption import Encryption
from fourhands.store.sql.store import SqlStore

ADA = Account("ada-id", "ada", "Ada", "#c2410c", admin=False, created_at_ms=10)


async def fill(store: SqlStore) -> None:
    await store.accounts.add(ADA, None)
    for number in range(3):
        room = Room(f"r{number}", f"Secret {number}", "python", GuestRole.EDITOR, False, "e", 1, number)
        await store.create_room(room, Member("ada", room.id, "Ada", "#c2410c", Role.HOST, 1, account_id=ADA.id), [], [])


async def test_sealed_titles_are_opened_and_a_damaged_one_is_left_out(path: Path) -> None:
    store = SqlStore(f"sqlite:///{path}", sealer=Encryption((os.urandom(32),)))
    await store.start()
    await fill(store)
    with closing(sqlite3.connect(path)) as other, other:
        assert b"Secret" not in b"".join(title for (title,) in other.execute("SELECT title FROM rooms"))
        other.execute("UPDATE rooms SET title = x'00' WHERE id = 'r1'")
    found = await store.accounts.rooms(ADA.id, archived=False, team_id=None, before=None, limit=9)
    assert [room.title for room in found] == ["Secret 2", "", "Secret 0"]
    await store.stop()


async def test_rooms_that_were_ended_and_kept_are_left_out(store: SqlStore) -> None:
    await fill(store)
    await store.close_room("r1", 20)
    found = await store.accounts.rooms(ADA.id, archived=False, team_id=None, before=None, limit=9)
    assert [room.id for room in found] == ["r2", "r0"]


async def test_no_table_is_read_through_for_it(store: SqlStore) -> None:
    await fill(store)
    asked: list[tuple[str, object]] = []

    def note(connection: object, cursor: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    engine = await store.database.read(lambda connection: connection.engine)
    event.listen(engine, "before_cursor_execute", note)
    await store.accounts.rooms(ADA.id, archived=False, team_id=None, before=None, limit=9)
    event.remove(engine, "before_cursor_execute", note)
    statement, parameters = next(one for one in asked if "FROM rooms" in one[0])
    plan = await store.database.read(lambda connection: connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())  # pyright: ignore[reportArgumentType]
    assert [row[3] for row in plan if row[3].startswith("SCAN")] == [], plan
