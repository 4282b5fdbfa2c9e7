"""The settings of several instances are settings as all others are."""

import pytest

from fourhands.cluster_settings import ClusterSettings
from fourhands.settings import Settings


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
