"""Changing and deleting an account, below the edge: above all, one without a password."""

import pytest

from fourhands.access.identity import Identity
from fourhands.actions.change_account import FRESH_SECONDS, change_password, change_profile, delete_account
from fourhands.errors import Forbidden
from fourhands.model.account import Account, Login
from tests.actions.accounts import audited, somebody
from tests.house import House

NEW = "another fine password"


async def without_password(house: House) -> Identity:
    now_ms = house.clock.now_ms()
    await house.store.accounts.add(Account("lin", "lin", "Lin", "#c2410c", admin=False, created_at_ms=now_ms), None)
    await house.store.accounts.add_login(Login("l", "lin", 1, now_ms, now_ms, now_ms + 10**10))
    return Identity("lin", "Lin", admin=False, scopes=None, address="", login_id="l")


async def test_an_account_without_a_password_shows_itself_by_a_fresh_login(house: House) -> None:
    lin = await without_password(house)
    house.clock.pass_seconds(FRESH_SECONDS + 1)
    with pytest.raises(Forbidden, match="once more"):
        await change_password(house.place, lin, old=None, new=NEW)
    with pytest.raises(Forbidden, match="once more"):
        await delete_account(house.place, lin, password=None)
    house.clock.pass_seconds(-2)
    await change_password(house.place, lin, old=None, new=NEW)
    with pytest.raises(Forbidden, match="not your password"):
        await delete_account(house.place, lin, password=None)
    await delete_account(house.place, lin, password=NEW)
    assert (await audited(house))[-2:] == ["account.password", "account.deleted"]


async def test_a_new_name_is_seen_at_once(house: House) -> None:
    ada = await somebody(house)
    assert ada.login_id is not None
    await change_profile(house.place, ada, name="Ada King", color=None)
    found = await house.place.accounts.known.login(ada.login_id)
    assert found is not None
    assert found[1].name == "Ada King"
