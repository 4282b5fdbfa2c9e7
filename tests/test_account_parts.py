"""What accounts are made of, as the settings say."""

import asyncio
from pathlib import Path

from fourhands.account_parts import elsewhere_of, make_accounts, rules_of
from fourhands.errors import LimitExceeded
from fourhands.model.account import AccountRules
from fourhands.model.clock import SystemClock
from fourhands.settings import Settings
from tests.house import MoodyStore


def test_the_defaults_of_settings_and_of_rules_are_the_same(tmp_path: Path) -> None:
    assert rules_of(Settings(data_dir=tmp_path)) == AccountRules()


async def test_one_client_has_as_many_passwords_under_way_as_the_settings_say(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, passwords_each=2, password_memory_bytes=8 << 20, password_passes=1)
    made = make_accounts(settings, MoodyStore(f"sqlite:///{tmp_path / 'rooms.db'}").accounts, SystemClock())
    answers = await asyncio.gather(*(made.hashing.matches(None, "guess", client) for client in ("a", "a", "a", "b")), return_exceptions=True)
    assert [isinstance(answer, LimitExceeded) for answer in answers] == [False, False, True, False]
    await made.close()


async def test_without_a_provider_there_is_a_password_alone(tmp_path: Path) -> None:
    made = make_accounts(Settings(data_dir=tmp_path), MoodyStore(f"sqlite:///{tmp_path / 'rooms.db'}").accounts, SystemClock())
    assert made.elsewhere is None
    await made.close()


async def test_a_provider_is_called_as_the_operator_says_or_as_its_host(tmp_path: Path) -> None:
    for name, shown in (("", "accounts.example.org"), ("The school", "The school")):
        settings = Settings(data_dir=tmp_path, oidc_issuer="https://accounts.example.org/", oidc_client_id="fourhands", oidc_name=name, oidc_login_minutes=2)
        found = elsewhere_of(settings, "a secret", SystemClock())
        assert found is not None
        assert (found.id, found.provider.name, found.attempts.valid_seconds) == ("oidc", shown, 120)
        await found.provider.close()
