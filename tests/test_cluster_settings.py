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
