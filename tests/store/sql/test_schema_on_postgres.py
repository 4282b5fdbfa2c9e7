"""Migrations on PostgreSQL: up and down through every released schema, with data, and the tables that they leave."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, String, inspect, text

from fourhands.model.room import Room
from fourhands.store.sql import schema
from fourhands.store.sql.postgres import PostgresDatabase
from fourhands.store.sql.postgres_store import PostgresStore
from fourhands.store.sql.tables import metadata
from tests.postgres_server import MISSING, PostgresServer

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)
OLDEST_BACK = "0002"
ON_SQLITE_ALONE = "ix_rooms_last_used_at_ms"
ROOM = """
INSERT INTO rooms (id, title, language, guest_role, ephemeral, epoch, created_at_ms, last_used_at_ms, head)
VALUES ('aaaa-aaaa-aaaa', 'Zwei \u6797', 'python', 'editor', false, 'e1', 1, 9, 3)
"""
EDITS = b"\x01\x01\x03ada\x02" + b"\x00\x05\x03one" + b"\x00\x01\x03two"


@pytest.fixture
def url(postgres: PostgresServer) -> Iterator[str]:
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


def write_0001(connection: Connection) -> None:
    """A database as the first version would have left it."""
    command.upgrade(schema.alembic_config(connection), "0001")
    connection.execute(text(ROOM))
    connection.execute(text("INSERT INTO members VALUES ('aaaa-aaaa-aaaa', 'ada', 'Ada', '#c2410c', 'host', 1)"))
    entry = text("INSERT INTO journal VALUES ('aaaa-aaaa-aaaa', :position, :kind, 6, :payload)")
    connection.execute(entry, [{"position": 1, "kind": "edits", "payload": EDITS}, {"position": 2, "kind": "chat", "payload": b"{}"}])
    connection.execute(text("INSERT INTO snapshots VALUES ('aaaa-aaaa-aaaa', 1, :state)"), {"state": b"state"})


async def test_data_goes_up_from_the_first_schema_down_step_by_step_and_up_again(url: str) -> None:
    database = PostgresDatabase(url)
    await database.fill(write_0001)

    def down_and_up(connection: Connection) -> None:
        config = schema.alembic_config(connection)
        steps = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()][::-1]
        command.upgrade(config, "head")
        for revision in steps[::-1]:
            if revision > OLDEST_BACK:
                command.downgrade(config, "-1")
        assert schema.revision(connection) == OLDEST_BACK
        for revision in steps:
            if revision > OLDEST_BACK:
                command.upgrade(config, revision)

    await database.fill(down_and_up)
    store = PostgresStore(url)
    await store.start()
    found, member = await store.room("aaaa-aaaa-aaaa"), await store.member("aaaa-aaaa-aaaa", "ada")
    kept = [(one.position, one.kind.value, one.payload) for one in await store.entries("aaaa-aaaa-aaaa", 0, 9)]
    faults = await store.faults("aaaa-aaaa-aaaa")
    await store.stop()
    assert found is not None
    assert member is not None
    assert (found.title, member.name, faults) == ("Zwei \u6797", "Ada", [])
    assert kept == [(1, "edit", b"one"), (2, "edit", b"two"), (3, "chat", b"{}")]


async def test_the_migrations_make_the_tables_that_the_code_works_with(postgres_url: str) -> None:
    database = PostgresDatabase(postgres_url)
    found: list[str] = []

    def differences(connection: Connection) -> None:
        different = [str(one) for one in compare_metadata(MigrationContext.configure(connection), metadata)]
        found.extend(one for one in different if ON_SQLITE_ALONE not in one)
        inspector = inspect(connection)
        for table in metadata.tables:
            key = inspector.get_pk_constraint(table)["constrained_columns"]
            found.extend([] if key == [column.name for column in metadata.tables[table].primary_key] else [table])
            texts = [column for column in inspector.get_columns(table) if isinstance(column["type"], String)]
            found.extend(f"{table}.{column['name']} is not ordered by its bytes" for column in texts if getattr(column["type"], "collation", "") != "C")

    await database.fill(differences)
    assert found == []


async def test_the_audit_log_stays_as_it_was_written(postgres: PostgresServer, postgres_url: str, room: Room) -> None:
    del room
    name = postgres_url.rpartition("/")[2]
    line = "INSERT INTO audit (at_ms, what, who_kind, who_id, who_name, address, room_id, subject, detail) VALUES"
    rest = "'server', '', '', '', '', '', '{}'"
    postgres.sql(f"{line} ((extract(epoch FROM now()) * 1000)::bigint, 'new', {rest}), (5, 'old', {rest})", name)
    for statement in ("UPDATE audit SET what = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(AssertionError, match="append-only"):
            postgres.sql(statement, name)
    postgres.sql("DELETE FROM audit WHERE at_ms = 5", name)
    assert postgres.sql("SELECT what FROM audit", name) == "new"
