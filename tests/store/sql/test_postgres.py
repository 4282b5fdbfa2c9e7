"""A PostgreSQL database: opened by several at once, killed, hanging, and followed by another one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from sqlalchemy import Connection, text

from fourhands.errors import Unavailable
from fourhands.store.sql import schema
from fourhands.store.sql.postgres import PostgresDatabase
from tests import postgres_server
from tests.postgres_server import MISSING, PostgresServer

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)
PATIENT_SECONDS = 30


def one(connection: Connection) -> int:
    return connection.execute(text("SELECT 1")).scalar_one()


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[PostgresDatabase]:
    made = PostgresDatabase(postgres_url, timeout_seconds=PATIENT_SECONDS)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def empty_url(postgres: PostgresServer) -> Iterator[str]:
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


async def test_those_that_start_together_migrate_once(empty_url: str) -> None:
    several = [PostgresDatabase(empty_url, timeout_seconds=PATIENT_SECONDS, pool_size=2) for _ in range(3)]
    await asyncio.gather(*[each.open() for each in several])
    assert [await each.read(schema.revision) for each in several] == [schema.HEAD] * 3
    for each in several:
        await each.close()


async def test_a_schema_of_a_newer_version_is_refused_untouched(postgres: PostgresServer, postgres_url: str) -> None:
    name = postgres_url.rpartition("/")[2]
    postgres.sql("UPDATE alembic_version SET version_num = '9999'", name)
    with pytest.raises(Unavailable, match=r"newer version of fourhands \(schema 9999"):
        await PostgresDatabase(postgres_url).open()
    with pytest.raises(Unavailable, match="another version"):
        await PostgresDatabase(postgres_url, beside=True).open()
    assert postgres.sql("SELECT version_num FROM alembic_version", name) == "9999"


async def test_the_tables_of_another_program_are_refused_untouched(postgres: PostgresServer, empty_url: str) -> None:
    name = empty_url.rpartition("/")[2]
    postgres.sql("CREATE TABLE rooms (beds int)", name)
    with pytest.raises(Unavailable, match="another program"):
        await PostgresDatabase(empty_url).open()
    assert postgres.sql("SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = 'public'", name) == "rooms"


async def test_who_reads_cannot_write(database: PostgresDatabase) -> None:
    with pytest.raises(Unavailable, match="only lets read"):
        await database.read(lambda connection: connection.execute(text("DELETE FROM bans")))


async def test_a_transaction_that_gives_way_is_done_again(database: PostgresDatabase, postgres: PostgresServer, postgres_url: str) -> None:
    postgres.sql("CREATE TABLE two (id int PRIMARY KEY, n int); INSERT INTO two VALUES (1, 0), (2, 0)", postgres_url.rpartition("/")[2])
    both, times = asyncio.Barrier(2), 0
    loop = asyncio.get_running_loop()

    def add(connection: Connection, first: int) -> None:
        nonlocal times
        times += 1
        again = times > 2
        connection.execute(text("UPDATE two SET n = n + 1 WHERE id = :id"), {"id": first})
        if not again:
            waiting = asyncio.run_coroutine_threadsafe(both.wait(), loop)
            connection.execute(text("SELECT 1"))  # lets the other one begin
            while not waiting.done():
                connection.execute(text("SELECT pg_sleep(0.01)"))
        connection.execute(text("UPDATE two SET n = n + 1 WHERE id = :id"), {"id": 3 - first})

    await asyncio.gather(database.write(lambda connection: add(connection, 1)), database.write(lambda connection: add(connection, 2)))
    assert await database.read(lambda connection: connection.execute(text("SELECT n FROM two ORDER BY id")).scalars().all()) == [2, 2]
    assert times > 2


async def test_a_server_that_was_killed_is_used_again_once_it_is_back() -> None:
    with postgres_server.running() as server:
        database = PostgresDatabase(server.url(), timeout_seconds=PATIENT_SECONDS)
        await database.open()
        assert await asyncio.gather(*[database.read(one) for _ in range(4)], database.write(one)) == [1] * 5
        server.kill()
        for _ in range(2):
            with pytest.raises(Unavailable, match=r"does not answer|was lost|stops or starts"):
                await database.write(one)
        server.start()
        assert await asyncio.gather(*[database.read(one) for _ in range(4)], database.write(one)) == [1] * 5
        await database.close()


async def test_a_server_that_hangs_is_not_waited_for_for_ever() -> None:
    with postgres_server.running() as server:
        database = PostgresDatabase(server.url(), timeout_seconds=1, pool_size=1)
        async with asyncio.timeout(4 * PATIENT_SECONDS):
            await until_done(database.open)
            await until_done(lambda: database.write(one))
            server.pause()
            for _ in range(2):  # the open connection, then a new one
                with pytest.raises(Unavailable):
                    await database.write(one)
            server.resume()
            await until_done(lambda: database.write(one))
        await database.close()


async def until_done(call: Callable[[], Awaitable[object]]) -> None:
    """A second is little where many tests run at once."""
    while True:
        try:
            await call()
        except Unavailable:
            continue
        return


async def test_a_closed_one_says_so() -> None:
    with pytest.raises(Unavailable, match="not open"):
        await PostgresDatabase("postgresql://ada@127.0.0.1:1/n").read(one)
