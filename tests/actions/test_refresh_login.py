"""Refreshing a login, below the edge; what clients see of it is in tests/edge/http/test_accounts.py."""

import pytest

from fourhands.actions.identify import identify
from fourhands.actions.refresh_login import refresh_login
from fourhands.errors import Forbidden, Unauthenticated
from tests.actions.accounts import audited, registered
from tests.house import House


async def test_theft_is_noted_and_ends_the_login_at_once(house: House) -> None:
    first = await registered(house)
    second = await refresh_login(house.place, first.refresh, "192.0.2.1")
    await identify(house.place, second.access, "")
    house.clock.pass_seconds(house.place.accounts.rules.grace_seconds + 1)
    with pytest.raises(Unauthenticated):
        await refresh_login(house.place, first.refresh, "198.51.100.7")
    with pytest.raises(Unauthenticated):
        await identify(house.place, second.access, "")
    noted = (await house.store.audit.newest(1))[0]
    assert (noted.what, noted.who.address) == ("account.token_reused", "198.51.100.7")


async def test_a_login_that_is_not_used_ends(house: House) -> None:
    first = await registered(house)
    house.clock.pass_seconds(house.place.accounts.rules.login_seconds)
    with pytest.raises(Unauthenticated):
        await refresh_login(house.place, first.refresh, "")


async def test_a_banned_account_stays_in_no_longer(house: House) -> None:
    first = await registered(house)
    await house.place.bans.add("account", first.account.id, until_ms=None, reason="", by="")
    with pytest.raises(Forbidden):
        await refresh_login(house.place, first.refresh, "")
    assert "account.token_reused" not in await audited(house)
