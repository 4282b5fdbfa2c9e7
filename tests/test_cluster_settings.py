"""The settings of several instances are settings as all others are."""

import pytest

from fourhands.cluster_settings import ClusterSettings
from fourhands.settings import Settings
from fourhands.settings_table import setting_rows


def test_they_are_read_with_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////shared.db")
    assert Settings().database == "sqlite:////shared.db"
    monkeypatch.setenv("FOURHANDS_DATABASE_URL", "sqlite:////ours.db")
    assert Settings().database_url == "sqlite:////ours.db"


def test_each_says_what_it_does() -> None:
    assert all(info.description for info in ClusterSettings.model_fields.values())


def test_the_url_of_redis_may_hold_a_password_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "rediss://:mellon@redis.example.org:6380/1")
    assert Settings().redis_url == "rediss://:mellon@redis.example.org:6380/1"
    assert "mellon" not in repr(Settings())
    assert Settings().redis_prefix == "fourhands"


def test_a_prefix_is_a_plain_word(monkeypatch: pytest.MonkeyPatch) -> None:
    for prefix in ("", "a b", "x" * 41, "{tag}"):
        monkeypatch.setenv("FOURHANDS_REDIS_PREFIX", prefix)
        with pytest.raises(ValueError, match="redis_prefix"):
            Settings()


def test_a_password_of_a_database_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_READ_URL"):
        monkeypatch.setenv(name, "postgresql://ada:mellon@db.example/fourhands?sslmode=require")
    monkeypatch.setenv("REDIS_URL", "rediss://:mellon@redis.example.org:6380/1")
    assert "mellon" not in repr(Settings())
    shown = {row.name: row.value for row in setting_rows(Settings())}
    assert shown["FOURHANDS_DATABASE_URL"] == "postgresql://ada:***@db.example/fourhands?sslmode=require"
    assert "mellon" not in str(shown)


def test_only_a_server_of_postgresql_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_READ_URL", "postgresql://db.example/fourhands")
    with pytest.raises(ValueError, match="DATABASE_READ_URL is for PostgreSQL"):
        Settings()
