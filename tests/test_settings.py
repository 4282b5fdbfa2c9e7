"""Settings come from the environment, and insecure ones refuse to start."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from fourhands.settings import Settings


def test_names_known_everywhere_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PORT": "9000", "DATABASE_URL": "sqlite:////x.db", "SECRET_KEY": "k" * 16, "MAX_CONTENT_LENGTH": "2048"}.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert (settings.port, settings.database, settings.secret_key, settings.request_bytes) == (9000, "sqlite:////x.db", "k" * 16, 2048)
    monkeypatch.setenv("FOURHANDS_PORT", "9001")
    assert Settings().port == 9001


def test_paths_and_lists_are_read_as_people_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOURHANDS_ALLOWED_ORIGINS", "https://a.example, https://b.example")
    monkeypatch.setenv("FOURHANDS_ROOT_PATH", "pad/")
    monkeypatch.setenv("FOURHANDS_PUBLIC_URL", "https://c.example/")
    settings = Settings()
    assert settings.allowed_origins == ("https://a.example", "https://b.example")
    assert (settings.root_path, settings.public_address) == ("/pad", "https://c.example/pad")
    monkeypatch.setenv("FOURHANDS_PUBLIC_URL", "https://c.example/pad")
    assert Settings().public_address == "https://c.example/pad"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "pad.example"])
def test_letting_others_in_needs_a_secret(host: str) -> None:
    with pytest.raises(ValidationError, match="SECRET_KEY"):
        Settings(host=host)
    Settings(host=host, secret_key="s" * 16)
    with pytest.raises(ValidationError, match="16 characters"):
        Settings(host=host, secret_key="s" * 15)


def test_a_data_directory_with_odd_characters_is_quoted(tmp_path: Path) -> None:
    assert Settings(data_dir=Path("/a%41/b c")).database == "sqlite:////a%2541/b%20c/fourhands.db"


def test_a_provider_of_logins_is_checked_at_the_start() -> None:
    Settings(oidc_issuer="https://accounts.example.org/", oidc_client_id="fourhands")
    with pytest.raises(ValidationError, match="FOURHANDS_OIDC_CLIENT_ID"):
        Settings(oidc_issuer="https://accounts.example.org")


def test_the_secret_of_a_provider_is_not_shown() -> None:
    assert "a shared secret" not in repr(Settings(oidc_issuer="https://accounts.example.org", oidc_client_id="fourhands", oidc_client_secret="a shared secret"))
