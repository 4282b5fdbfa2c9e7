"""What a browser holds while somebody logs in elsewhere: nothing but what we gave it counts, for its state alone, and not for long."""

import jwt
import pytest

from fourhands.access.account_tokens import AccountTokens
from fourhands.access.login_attempts import HOME, LoginAttempts, new_attempt, page_of_ours

ATTEMPTS = LoginAttempts("a secret of tests", 600)
BACK = "https://pad.example.org/api/login/oidc/callback"
NOW_MS = 1_700_000_000_000


def test_an_attempt_comes_back_as_it_was_until_its_time_is_up() -> None:
    attempt = new_attempt(redirect_uri=BACK, next_page="/r/abc-def", invite="ab" * 32, account_id="ada")
    sealed = ATTEMPTS.seal(attempt, NOW_MS)
    assert ATTEMPTS.open(sealed, attempt.state, NOW_MS + 599_000) == attempt
    assert ATTEMPTS.open(sealed, attempt.state, NOW_MS + 600_000) is None


def test_each_attempt_has_secrets_of_its_own() -> None:
    one, other = (new_attempt(redirect_uri=BACK, next_page=None) for _ in range(2))
    assert len({one.state, one.nonce, one.verifier, other.state, other.nonce, other.verifier}) == 6
    assert len(one.verifier) >= 43, "RFC 7636, 4.1"
    assert ATTEMPTS.open(ATTEMPTS.seal(one, NOW_MS), other.state, NOW_MS) is None


def test_what_we_did_not_seal_is_none() -> None:
    attempt = new_attempt(redirect_uri=BACK, next_page=None)
    sealed = ATTEMPTS.seal(attempt, NOW_MS)
    said = jwt.decode(sealed, options={"verify_signature": False})
    for forged in (
        None,
        "",
        "nonsense",
        "\ud800",
        sealed[:-2],
        LoginAttempts("another secret", 600).seal(attempt, NOW_MS),
        jwt.encode(said, "", algorithm="none"),
        jwt.encode({**said, "aud": "fourhands-account"}, AccountTokens("a secret of tests")._keys["fourhands-account"], algorithm="HS256"),
    ):
        assert ATTEMPTS.open(forged, attempt.state, NOW_MS) is None
    assert ATTEMPTS.open(sealed, "", NOW_MS) is None
    assert ATTEMPTS.open(sealed, "\ud800", NOW_MS) is None


@pytest.mark.parametrize("page", ["/", "/rooms", "/account", "/teams", "/admin", "/r/9fgq-2b7k-xw4m"])
def test_pages_of_ours_are_gone_on_to(page: str) -> None:
    assert page_of_ours(page) == page


@pytest.mark.parametrize(
    "elsewhere",
    [None, "", "https://evil.example", "//evil.example", "/\\evil.example", "/r/../../evil", "/r/a b", "/rooms\n", "/rooms?x=1", "/api/logout", "rooms", "/r/"],
)
def test_nobody_is_led_elsewhere(elsewhere: str | None) -> None:
    assert page_of_ours(elsewhere) == HOME
