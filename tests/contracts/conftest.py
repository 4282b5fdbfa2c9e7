"""The stores that the contract tests run against: one factory each, which opens further instances on the same data."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from fourhands.store.port import Store
from fourhands.store.sql.postgres_store import PostgresStore
from fourhands.store.sql.store import SqlStore
from tests.postgres_server import MISSING

OpenStore = Callable[[], Awaitable[Store]]
POSTGRES = pytest.param("postgresql", marks=pytest.mark.skipif(bool(MISSING), reason=MISSING))


@pytest.fixture(params=["sqlite", POSTGRES])
async def open_store(request: pytest.FixtureRequest, quick_dir: Path) -> AsyncIterator[OpenStore]:
    """Opens one more store on this test's data, or gives the same one again where only one may be; all are closed in the end."""
    opened: list[Store] = []
    opening = asyncio.Lock()
    url = f"sqlite:///{quick_dir / 'rooms.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")

    async def open_one() -> Store:
        async with opening:
            if request.param == "postgresql":
                return await open_another(PostgresStore(url))
            return opened[0] if opened else await open_another(SqlStore(url, busy_seconds=20))

    async def open_another(store: SqlStore | PostgresStore) -> Store:
        await store.start()
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        await store.stop()


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    return await open_store()
