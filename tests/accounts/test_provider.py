"""An OpenID Connect provider on loopback: what it says of people is believed if all of it checks, and nothing else is."""

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from fourhands.access.login_attempts import Attempt, new_attempt
from fourhands.accounts.provider import FRESH_SECONDS, Person, Provider, ProviderRules
from fourhands.errors import Unauthenticated, Unavailable
from fourhands.model.clock import SystemClock
from tests.oidc_provider import CLIENT, SECRET, TestProvider, nobody_there, provider

BACK = "https://pad.example.org/api/login/oidc/callback"


class WatchedClock(SystemClock):
    """Of this machine; a test may let hours pass."""

    def __init__(self) -> None:
        self.ahead = 0.0
        super().__init__(steady=lambda: time.monotonic() + self.ahead)


@pytest.fixture
def there() -> Iterator[TestProvider]:
    with provider() as made:
        yield made


@pytest.fixture
def clock() -> WatchedClock:
    return WatchedClock()


@pytest.fixture
async def known(there: TestProvider, clock: WatchedClock) -> AsyncIterator[Provider]:
    made = Provider(rules(there.issuer), clock)
    yield made
    await made.close()


def rules(issuer: str, **other: Any) -> ProviderRules:
    return ProviderRules(**{"issuer": issuer, "client_id": CLIENT, "client_secret": SECRET, "name": "", "seconds": 60, "most_bytes": 65_536, **other})


async def log_in(known: Provider, there: TestProvider, attempt: Attempt | None = None) -> Person:
    attempt = attempt or new_attempt(redirect_uri=BACK, next_page=None)
    came = dict(parse_qsl(urlsplit(there.authorize(await known.begin(attempt))).query))
    assert came["state"] == attempt.state
    return await known.finish(attempt, came["code"], came["iss"])


async def test_somebody_who_logged_in_there_is_known_here(known: Provider, there: TestProvider) -> None:
    assert await log_in(known, there) == Person(there.issuer, "person-1", "Ada.Lovelace", "Ada Lovelace")
    await log_in(known, there)
    assert there.asked.count("/.well-known/openid-configuration") == there.asked.count("/keys") == 1, "what it says of itself is kept"


async def test_a_code_is_good_once(known: Provider, there: TestProvider) -> None:
    attempt = new_attempt(redirect_uri=BACK, next_page=None)
    came = dict(parse_qsl(urlsplit(there.authorize(await known.begin(attempt))).query))
    await known.finish(attempt, came["code"])
    with pytest.raises(Unauthenticated):
        await known.finish(attempt, came["code"])


async def test_a_code_is_good_for_whoever_began_alone(known: Provider, there: TestProvider) -> None:
    attempt, other = (new_attempt(redirect_uri=BACK, next_page=None) for _ in range(2))
    came = dict(parse_qsl(urlsplit(there.authorize(await known.begin(attempt))).query))
    with pytest.raises(Unauthenticated):
        await known.finish(other, came["code"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": "another", "azp": CLIENT},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"iss": "https://evil.example"},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"nbf": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"at_hash": "another"},
    ],
    ids=str,
)
async def test_a_token_that_says_anything_wrong_is_refused(known: Provider, there: TestProvider, wrong: dict[str, Any]) -> None:
    there.claims = wrong
    with pytest.raises(Unauthenticated, match="does not check"):
        await log_in(known, there)
    there.claims = {}
    await log_in(known, there)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_a_token_without_a_key_pair_is_refused_even_if_the_provider_offers_that(known: Provider, there: TestProvider, algorithm: str) -> None:
    there.algorithm = algorithm
    with pytest.raises(Unauthenticated):
        await log_in(known, there)


async def test_a_token_that_another_key_signed_is_refused(known: Provider, there: TestProvider) -> None:
    await log_in(known, there)
    there.rotate(publish=False)
    with pytest.raises(Unauthenticated):
        await log_in(known, there)


async def test_new_keys_count_at_once(known: Provider, there: TestProvider) -> None:
    await log_in(known, there)
    there.rotate()
    assert (await log_in(known, there)).subject == "person-1"
    assert there.asked.count("/keys") == 2


async def test_what_it_says_of_itself_is_asked_again_after_a_while(known: Provider, there: TestProvider, clock: WatchedClock) -> None:
    await log_in(known, there)
    clock.ahead = FRESH_SECONDS + 1
    await log_in(known, there)
    assert there.asked.count("/.well-known/openid-configuration") == 2


async def test_another_issuer_in_the_answer_is_refused(known: Provider, there: TestProvider) -> None:
    attempt = new_attempt(redirect_uri=BACK, next_page=None)
    came = dict(parse_qsl(urlsplit(there.authorize(await known.begin(attempt))).query))
    with pytest.raises(Unauthenticated):
        await known.finish(attempt, came["code"], "https://evil.example")


@pytest.mark.parametrize("wrong", [{"issuer": "https://evil.example"}, {"token_endpoint": None}, {"jwks_uri": "ftp://evil.example"}], ids=str)
async def test_one_that_is_not_what_was_set_is_away(known: Provider, there: TestProvider, wrong: dict[str, Any]) -> None:
    there.metadata = wrong
    with pytest.raises(Unavailable, match="cannot be reached"):
        await known.begin(new_attempt(redirect_uri=BACK, next_page=None))
    there.metadata = {}
    await log_in(known, there)


async def test_failures_and_floods_are_said_and_end_nothing(known: Provider, there: TestProvider) -> None:
    there.status = 500
    with pytest.raises(Unavailable):
        await log_in(known, there)
    there.status, there.padding = 200, 65_536
    with pytest.raises(Unavailable):
        await log_in(known, there)
    there.padding = 0
    await log_in(known, there)


async def test_a_secret_that_the_provider_does_not_know_is_the_operators_to_mend(there: TestProvider) -> None:
    wrong = Provider(rules(there.issuer, client_secret="another"), SystemClock())
    with pytest.raises(Unavailable):
        await log_in(wrong, there)
    await wrong.close()


async def test_one_that_is_down_is_away(clock: WatchedClock) -> None:
    with nobody_there() as issuer:
        known = Provider(rules(issuer), clock)
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1 cannot be reached"):
            await known.begin(new_attempt(redirect_uri=BACK, next_page=None))
        await known.close()


async def test_names_are_asked_for_where_the_token_has_none(known: Provider, there: TestProvider) -> None:
    there.person = {"sub": "person-1"}
    there.userinfo = {"sub": "person-2", "name": "Somebody else"}
    assert (await log_in(known, there)).name == "", "it tells of another person"
    there.userinfo = {"sub": "person-1", "name": "Ada", "preferred_username": "ada"}
    assert await log_in(known, there) == Person(there.issuer, "person-1", "ada", "Ada")
