"""How accounts' rows are kept: passwords as their hashes alone, and nothing that half happened."""

import pytest

from fourhands.errors import Conflict, NotFound
from fourhands.model.account import Account
from fourhands.store.sql.store import SqlStore
from fourhands.store.sql.tables import accounts

ADA = Account("ada-id", "ada", "Ada", "#c2410c", admin=False, created_at_ms=10)


async def test_an_account_without_a_password_has_none_in_its_row(store: SqlStore) -> None:
    await store.accounts.add(ADA, None)
    row = await store.database.read(lambda connection: connection.execute(accounts.select()).one())
    assert (row.password, bool(row.admin), row.name) == (None, False, "Ada")


async def test_an_account_whose_invitation_is_bad_is_not_half_made(store: SqlStore) -> None:
    with pytest.raises(NotFound):
        await store.accounts.add(ADA, "hash", invite=b"unknown")
    await store.accounts.add(ADA, "hash")
    with pytest.raises(Conflict, match="login name is taken"):
        await store.accounts.add(ADA, "hash")
