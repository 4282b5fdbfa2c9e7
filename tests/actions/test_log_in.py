"""Logging in, below the edge."""

from dataclasses import replace

import pytest

from fourhands.access.passwords import Cost, Passwords
from fourhands.accounts.hashing import Hashing
from fourhands.actions.log_in import log_in
from fourhands.errors import Forbidden, LimitExceeded, Unauthenticated
from tests.actions.accounts import PASSWORD, audited, registered
from tests.house import House


async def test_failures_are_noted_with_name_and_address(house: House) -> None:
    await registered(house)
    with pytest.raises(Unauthenticated):
        await log_in(house.place, login="Ada", password="something else", address="192.0.2.9")
    noted = (await house.store.audit.newest(1))[0]
    assert (noted.what, noted.on, noted.who.address) == ("account.login_failed", "ada", "192.0.2.9")


async def test_a_failure_of_an_unknown_name_keeps_nothing_of_what_was_typed(house: House) -> None:
    await registered(house)
    with pytest.raises(Unauthenticated):
        await log_in(house.place, login="MySecretPassword1!\u202e", password="ada", address="192.0.2.9")
    noted = (await house.store.audit.newest(1))[0]
    assert (noted.what, noted.on, noted.who.address) == ("account.login_failed", "", "192.0.2.9")


async def test_wrong_ones_of_an_address_are_counted_whatever_the_names_and_right_ones_are_not(house: House) -> None:
    most = house.limits.wrong_logins_per_15_minutes
    await registered(house)
    await registered(house, "lin")
    for number in range(most):
        with pytest.raises(Unauthenticated):
            await log_in(house.place, login=f"name{number}", password="something else", address="192.0.2.9")
        if number < 3:
            await log_in(house.place, login="ada", password=PASSWORD, address="192.0.2.9")
    with pytest.raises(LimitExceeded, match="30 failed logins in 15 minutes"):
        await log_in(house.place, login="lin", password=PASSWORD, address="192.0.2.9")
    assert (await log_in(house.place, login="lin", password=PASSWORD, address="192.0.2.10")).account.login == "lin"


async def test_a_hash_of_another_cost_is_renewed_by_logging_in(house: House) -> None:
    account = (await registered(house)).account
    dearer = Hashing(Passwords(Cost(memory_bytes=16384, passes=1)))
    place = replace(house.place, accounts=replace(house.place.accounts, hashing=dearer))
    before = await house.store.accounts.password(account.id)
    assert (await log_in(place, login="ada", password=PASSWORD, address="")).account == account
    after = await house.store.accounts.password(account.id)
    assert after != before
    assert "m=16," in str(after)
    assert (await log_in(place, login="ada", password=PASSWORD, address="")).account == account
    assert await house.store.accounts.password(account.id) == after
    dearer.close()


async def test_a_banned_account_is_told_so_only_by_its_password(house: House) -> None:
    account = (await registered(house)).account
    await house.place.bans.add("account", account.id, until_ms=None, reason="", by="")
    with pytest.raises(Unauthenticated):
        await log_in(house.place, login="ada", password="something else", address="")
    with pytest.raises(Forbidden, match="banned"):
        await log_in(house.place, login="ada", password=PASSWORD, address="")
    assert (await audited(house))[-1] == "account.login_failed"
