"""What belongs to accounts ends with the server."""

from pathlib import Path

import pytest

from fourhands.access.account_tokens import AccountTokens
from fourhands.access.login_attempts import LoginAttempts, new_attempt
from fourhands.access.passwords import Passwords
from fourhands.accounts.accounts import Accounts, Elsewhere
from fourhands.accounts.hashing import Hashing
from fourhands.accounts.known import Known
from fourhands.accounts.provider import Provider, ProviderRules
from fourhands.model.account import AccountRules
from fourhands.model.clock import SystemClock
from tests.house import QUICK, MoodyStore
from tests.oidc_provider import CLIENT, SECRET, provider


async def test_nothing_is_hashed_once_it_is_closed(tmp_path: Path) -> None:
    clock, store = SystemClock(), MoodyStore(f"sqlite:///{tmp_path / 'rooms.db'}")
    with provider() as there:
        rules = ProviderRules(there.issuer, CLIENT, SECRET, "", 20, 65_536)
        elsewhere = Elsewhere(Provider(rules, clock), LoginAttempts("a secret", 600))
        made = Accounts(AccountRules(), AccountTokens("a secret"), Hashing(Passwords(QUICK)), Known(store.accounts, clock), elsewhere)
        await elsewhere.provider.begin(new_attempt(redirect_uri="https://pad.example.org/back", next_page=None))
        assert await made.hashing.hash("a password")
        await made.close()
        with pytest.raises(RuntimeError):
            await made.hashing.hash("a password")
