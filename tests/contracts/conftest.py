"""The stores that the contract tests run against: one factory each, which opens further instances on the same data."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from fourhands.store.port import Store
from fourhands.store.sql.store import SqlStore

OpenStore = Callable[[], Awaitable[Store]]


@pytest.fixture(params=["sqlite"])
async def open_store(request: pytest.FixtureRequest, quick_dir: Path) -> AsyncIterator[OpenStore]:
    """Opens one more store on this test's data, or gives the same one again where only one may be; all are closed in the end."""
    assert request.param == "sqlite"
    opened: list[Store] = []
    opening = asyncio.Lock()

    async def open_one() -> Store:
        async with opening:
            return opened[0] if opened else await open_first()

    async def open_first() -> Store:
        store = SqlStore(f"sqlite:///{quick_dir / 'rooms.db'}", busy_seconds=20)
        await store.start()
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        await store.stop()


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    return await open_store()
