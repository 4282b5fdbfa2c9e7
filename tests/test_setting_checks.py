"""What is asked of settings that belong together."""

import pytest

from fourhands.setting_checks import is_loopback, require_issuer, require_origins, require_runner, require_secrets

SECRET = "s" * 16


@pytest.mark.parametrize(("host", "loopback"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("pad.example.org", False)])
def test_addresses_of_this_machine_alone_are_known(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_origins_have_no_path_and_are_not_everybody() -> None:
    require_origins(["https://a.example", "http://localhost:3000/"])
    for wrong in ("*", "https://a.example/path", "a.example"):
        with pytest.raises(ValueError, match="is no origin"):
            require_origins([wrong])


def test_a_server_that_others_reach_has_a_secret_that_nobody_guesses() -> None:
    require_secrets("127.0.0.1", "", [])
    require_secrets("0.0.0.0", SECRET, [SECRET])
    for host, key, tokens in (("0.0.0.0", "", []), ("127.0.0.1", SECRET[1:], []), ("127.0.0.1", SECRET, [SECRET[1:]])):
        with pytest.raises(ValueError, match=r"SECRET_KEY|FOURHANDS_API_TOKENS"):
            require_secrets(host, key, tokens)


@pytest.mark.parametrize("issuer", ["https://accounts.example.org", "https://example.org/realms/school", "http://127.0.0.1:9400", "http://localhost:9400"])
def test_a_provider_of_logins_is_reached_by_tls_or_on_this_machine(issuer: str) -> None:
    require_issuer(issuer, "fourhands")


@pytest.mark.parametrize(
    ("issuer", "client_id"),
    [
        ("http://accounts.example.org", "fourhands"),
        ("accounts.example.org", "fourhands"),
        ("https://example.org?x=1", "fourhands"),
        ("https://example.org#x", "fourhands"),
        ("https://[", "fourhands"),
        ("ftp://example.org", "fourhands"),
        ("https://accounts.example.org", ""),
        ("", "fourhands"),
    ],
)
def test_what_cannot_be_a_provider_is_refused(issuer: str, client_id: str) -> None:
    with pytest.raises(ValueError, match="FOURHANDS_OIDC_ISSUER"):
        require_issuer(issuer, client_id)


def test_runners_by_redis_need_a_redis() -> None:
    require_runner("redis", "redis://127.0.0.1")
    require_runner("child", "")
    with pytest.raises(ValueError, match="REDIS_URL"):
        require_runner("redis", "")


def test_no_provider_is_one_of_the_choices() -> None:
    require_issuer("", "")
