"""Personal tokens, below the edge."""

from dataclasses import replace

import pytest

from fourhands.actions.identify import identify
from fourhands.actions.make_token import make_token, revoke_token
from fourhands.errors import Conflict, Unauthenticated
from fourhands.model.account import Scope
from tests.actions.accounts import audited, somebody
from tests.house import House


async def test_a_token_ends_in_time_and_a_revoked_one_at_once(house: House) -> None:
    ada = await somebody(house)
    made, token = await make_token(house.place, ada, name=" ", scopes=[Scope.RUNS], days=1)
    kept, other = await make_token(house.place, ada, name="CI", scopes=[Scope.RUNS, Scope.RUNS], days=None)
    assert (made.name, kept.scopes, kept.expires_at_ms) == ("Token", frozenset({Scope.RUNS}), None)
    assert (await identify(house.place, token, "")).scopes == frozenset({Scope.RUNS})
    house.clock.pass_seconds(86_400)
    with pytest.raises(Unauthenticated):
        await identify(house.place, token, "")
    await identify(house.place, other, "")
    await revoke_token(house.place, ada, kept.id)
    with pytest.raises(Unauthenticated):
        await identify(house.place, other, "")
    assert (await audited(house))[-3:] == ["account.token_made", "account.token_made", "account.token_revoked"]
    assert "fh_" not in str(await house.store.audit.newest(50))


async def test_an_account_has_so_many_and_no_more(house: House) -> None:
    ada = await somebody(house)
    place = replace(house.place, accounts=replace(house.place.accounts, rules=replace(house.place.accounts.rules, tokens_each=2)))
    for _ in range(2):
        await make_token(place, ada, name="CI", scopes=[Scope.RUNS], days=None)
    with pytest.raises(Conflict):
        await make_token(place, ada, name="CI", scopes=[Scope.RUNS], days=None)
