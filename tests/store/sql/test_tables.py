"""The tables as the code sees them are the tables as the migrations leave them."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from fourhands.store.sql.store import SqlStore
from fourhands.store.sql.tables import metadata


async def test_the_migrations_make_the_tables_that_the_code_works_with(store: SqlStore) -> None:
    def differences(connection: Connection) -> list[object]:
        found: list[object] = list(compare_metadata(MigrationContext.configure(connection), metadata))
        for name, table in metadata.tables.items():
            key = inspect(connection).get_pk_constraint(name)["constrained_columns"]
            found += [] if key == [column.name for column in table.primary_key] else [(name, key)]
        return found

    assert await store.database.read(differences) == []


async def test_small_tables_are_kept_by_key_alone(store: SqlStore) -> None:
    found = await store.database.read(lambda connection: connection.execute(text("SELECT name FROM pragma_table_list WHERE wr")).scalars().all())
    assert set(found) == {name for name, table in metadata.tables.items() if table.dialect_options["sqlite"]["with_rowid"] is False}
