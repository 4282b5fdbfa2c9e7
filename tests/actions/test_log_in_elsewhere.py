"""What becomes of whoever comes back from a provider, below HTTP: bans, names, invitations, and what the audit log says."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from fourhands.access.account_tokens import digest_of
from fourhands.access.identity import stranger
from fourhands.access.login_attempts import LoginAttempts
from fourhands.accounts.accounts import Elsewhere
from fourhands.accounts.provider import Person, Provider, ProviderRules
from fourhands.actions.log_in_elsewhere import Answer, CameBack, Problem, begin_elsewhere, come_back, names_for
from fourhands.actions.place import Place
from fourhands.errors import Forbidden, NotFound
from fourhands.model.account import AccountInvite, AccountRules
from fourhands.model.clock import SystemClock
from tests.actions.accounts import audited, registered
from tests.house import House, open_house
from tests.oidc_provider import CLIENT, SECRET, TestProvider, provider

ADDRESS = "192.0.2.7"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, rules=AccountRules(mode="invite")) as opened:
        with provider() as there:
            rules = ProviderRules(there.issuer, CLIENT, SECRET, "", 20, 65_536)
            elsewhere = Elsewhere(Provider(rules, SystemClock()), LoginAttempts("a secret of tests", 600))
            opened.place = replace_accounts(opened.place, elsewhere)
            opened.there = there  # type: ignore[attr-defined]
            yield opened
            await elsewhere.provider.close()


def replace_accounts(place: Place, elsewhere: Elsewhere) -> Place:
    object.__setattr__(place, "accounts", replace(place.accounts, elsewhere=elsewhere))
    return place


async def come(house: House, invite: str | None = None) -> CameBack:
    there: TestProvider = house.there  # type: ignore[attr-defined]
    url, held = await begin_elsewhere(house.place, "oidc", redirect_uri="https://pad.example.org/back", invite=invite, address=ADDRESS)
    came = dict(parse_qsl(urlsplit(there.authorize(url)).query))
    return await come_back(house.place, "oidc", Answer(came["state"], came["code"]), held=held, address=ADDRESS, before=stranger(ADDRESS))


async def invitation(house: House) -> None:
    now_ms = house.clock.now_ms()
    await house.store.accounts.add_invite(AccountInvite("i1", None, now_ms, now_ms + 1000), digest_of("a key"))


async def test_an_invitation_lets_one_person_in(house: House) -> None:
    assert await come(house) == CameBack("/login", problem=Problem.INVITATION)
    with pytest.raises(Forbidden, match="not good"):
        await come(house, "a key")
    await invitation(house)
    done = await come(house, "a key")
    assert done.problem is None and done.logged_in is not None and done.logged_in.account.login == "ada.lovelace"
    assert (await audited(house))[-2:] == ["account.registered", "account.login"]
    assert (await come(house)).logged_in is not None, "and again without it"


async def test_whoever_is_banned_stays_out(house: House) -> None:
    await invitation(house)
    done = await come(house, "a key")
    assert done.logged_in is not None
    await house.place.bans.add("account", done.logged_in.account.id, reason="", by="", until_ms=None)
    assert await come(house) == CameBack("/login", problem=Problem.FORBIDDEN)
    await house.place.bans.add("address", ADDRESS, reason="", by="", until_ms=None)
    with pytest.raises(Forbidden):
        await come(house)


async def test_a_login_name_that_is_taken_stays_its_owners(house: House) -> None:
    object.__setattr__(house.place.accounts.rules, "mode", "open")
    await registered(house, "ada.lovelace")
    done = await come(house)
    assert done.logged_in is not None and done.logged_in.account.login.startswith("ada.lovelace-")


async def test_failures_are_in_the_audit_log(house: House) -> None:
    house.there.claims = {"nonce": "another"}  # type: ignore[attr-defined]
    assert (await come(house)).problem is Problem.REFUSED
    assert await audited(house) == ["account.login_failed"]


async def test_there_is_no_other_provider(house: House) -> None:
    with pytest.raises(NotFound):
        await begin_elsewhere(house.place, "another", redirect_uri="https://pad.example.org/back")


@pytest.mark.parametrize(
    ("login", "name", "expected"),
    [
        ("Ada.Lovelace", "", "ada.lovelace"),
        ("ada@example.org", "", "ada"),
        ("", "Ada Lovelace", "ada.lovelace"),
        ("", "林", "person"),
        ("", "", "person"),
        ("--x--", "", "person"),
        ("<script>", "", "script"),
        ("a" * 100, "", "a" * 40),
    ],
)
def test_a_login_name_is_made_of_what_they_are_called_there(login: str, name: str, expected: str) -> None:
    first, *others = names_for(Person("https://id", "s", login, name))
    assert first == expected
    assert all(other.startswith(f"{expected}-") for other in others)
