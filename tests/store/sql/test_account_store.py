"""The adapter as a whole stands in tests/contracts; here: that it works beside the rooms' store, on one file."""

from fourhands.model.account import Account
from fourhands.store.sql.store import SqlStore


async def test_accounts_outlive_the_server(store: SqlStore) -> None:
    ada = Account("ada-id", "ada", "Ada", "#c2410c", admin=True, created_at_ms=10)
    await store.accounts.add(ada, "hash")
    await store.stop()
    await store.start()
    assert await store.accounts.named("ada") == (ada, "hash")
