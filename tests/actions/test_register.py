"""Making an account, below the edge."""

import pytest

from fourhands.access.identity import Identity
from fourhands.actions.register import register
from fourhands.errors import Conflict, Forbidden, InvalidRequest, LimitExceeded
from tests.actions.accounts import PASSWORD, audited, registered, somebody
from tests.house import House


async def test_it_is_noted_and_never_with_the_password(house: House) -> None:
    await registered(house)
    assert await audited(house) == ["account.registered", "account.login"]
    assert "correct horse" not in str(await house.store.audit.newest(50))


async def test_a_taken_name_costs_a_hash_like_a_free_one(house: House) -> None:
    await registered(house)
    before = house.place.accounts.hashing.count
    with pytest.raises(Conflict):
        await registered(house)
    assert house.place.accounts.hashing.count == before + 1


async def test_the_shown_name_of_an_address_is_not_the_whole_of_it(house: House) -> None:
    assert (await registered(house, "ada@example.org")).account.name == "ada"


async def test_who_is_banned_makes_no_account(house: House) -> None:
    await house.place.bans.add("address", "192.0.2.1", until_ms=None, reason="", by="")
    with pytest.raises(Forbidden, match="banned"):
        await registered(house)


async def test_one_address_registers_so_often_also_by_the_accounts_it_made(house: House) -> None:
    async def attempt(login: str, address: str, **more: Identity | None) -> None:
        await register(house.place, login=login, password=PASSWORD, name=None, color=None, invite=None, address=address, **more)

    before = await somebody(house, "first")
    for number in range(house.limits.registrations_per_15_minutes - 1):
        with pytest.raises(InvalidRequest):
            await attempt(f"not a name {number}", "192.0.2.1", before=before)
    with pytest.raises(LimitExceeded, match="20 attempts to register in 15 minutes"):
        await attempt("second", "192.0.2.1", before=before)
    await attempt("second", "192.0.2.2")
