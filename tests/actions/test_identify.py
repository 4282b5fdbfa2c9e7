"""Whom a token stands for."""

from dataclasses import replace

import pytest

from fourhands.access.account_tokens import AccountClaims, digest_of, new_personal_token
from fourhands.actions.identify import identify, identify_held
from fourhands.errors import Unauthenticated
from fourhands.model.account import Account, AccountRules, Login, PersonalToken, Scope
from tests.house import House

ADA = Account("ada-id", "ada", "Ada", "#c2410c", admin=True, created_at_ms=10)


async def log_in(house: House) -> AccountClaims:
    now_ms = house.clock.now_ms()
    await house.store.accounts.add(ADA, None)
    await house.store.accounts.add_login(Login("l", ADA.id, 1, now_ms, now_ms, now_ms + 9_000_000))
    return AccountClaims(ADA.id, "l", 1, now_ms + 900_000)


async def test_an_access_token_stands_for_a_login(house: House) -> None:
    token = house.place.accounts.tokens.access(await log_in(house), house.clock.now_ms())
    who = await identify(house.place, token, "192.0.2.1")
    assert (who.account_id, who.name, who.admin, who.scopes, who.address, who.login_id) == (ADA.id, "Ada", True, None, "192.0.2.1", "l")


async def test_it_stands_for_nobody_once_the_login_has_ended(house: House) -> None:
    token = house.place.accounts.tokens.access(await log_in(house), house.clock.now_ms())
    await house.store.accounts.end_login("l")
    with pytest.raises(Unauthenticated):
        await identify(house.place, token, "")


async def test_a_token_that_has_run_out_names_the_login_that_it_was_of_and_stands_for_nobody(house: House) -> None:
    claims = await log_in(house)
    token = house.place.accounts.tokens.access(claims, house.clock.now_ms())
    house.clock.pass_seconds(1000)
    with pytest.raises(Unauthenticated):
        await identify(house.place, token, "")
    assert (await identify_held(house.place, token, "")).login_id == "l"
    await house.store.accounts.end_login("l")
    house.place.accounts.known.forget(ADA.id)
    for wrong in (token, token[:-4] + "AAAA", house.place.accounts.tokens.refresh(claims, house.clock.now_ms())):
        with pytest.raises(Unauthenticated):
            await identify_held(house.place, wrong, "")


async def test_a_login_of_somebody_else_does_not_do(house: House) -> None:
    claims = await log_in(house)
    with pytest.raises(Unauthenticated):
        await identify(house.place, house.place.accounts.tokens.access(replace(claims, account_id="other"), house.clock.now_ms()), "")


async def test_a_personal_token_stands_for_its_scopes(house: House) -> None:
    await log_in(house)
    token = new_personal_token()
    await house.store.accounts.add_token(PersonalToken("t", ADA.id, "CI", frozenset({Scope.RUNS}), 1, None), digest_of(token), most=1)
    who = await identify(house.place, token, "")
    assert (who.account_id, who.scopes, who.login_id) == (ADA.id, frozenset({Scope.RUNS}), None)
    for wrong in (new_personal_token(), token[:-1], token + "x", "fh_"):
        with pytest.raises(Unauthenticated):
            await identify(house.place, wrong, "")


async def test_nobody_is_logged_in_where_there_are_no_accounts(house: House) -> None:
    token = house.place.accounts.tokens.access(await log_in(house), house.clock.now_ms())
    off = replace(house.place, accounts=replace(house.place.accounts, rules=AccountRules(mode="off")))
    with pytest.raises(Unauthenticated):
        await identify(off, token, "")
