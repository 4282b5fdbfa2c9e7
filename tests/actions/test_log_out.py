"""Logging out, below the edge."""

import pytest

from fourhands.access.identity import Identity, stranger
from fourhands.actions.log_out import log_out
from fourhands.errors import Forbidden, Unauthenticated
from fourhands.model.account import Scope
from tests.actions.accounts import audited, somebody
from tests.house import House


async def test_it_ends_one_login_or_all(house: House) -> None:
    ada = await somebody(house)
    assert ada.login_id is not None
    await log_out(house.place, ada)
    assert await house.store.accounts.login(ada.login_id) is None
    assert (await audited(house))[-1] == "account.logout"


async def test_neither_a_stranger_nor_a_token_logs_anybody_out(house: House) -> None:
    with pytest.raises(Unauthenticated):
        await log_out(house.place, stranger())
    with pytest.raises(Forbidden):
        await log_out(house.place, Identity("ada", "Ada", admin=False, scopes=frozenset(Scope), address=""), everywhere=True)
