"""The composition root: limits follow settings, and starting either works or says why."""

from pathlib import Path

import pytest

from fourhands.app import create_app, limits_of
from fourhands.model.limits import Limits
from fourhands.settings import Settings
from tests.server import UNHURRIED


def test_the_defaults_of_limits_are_those_of_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in UNHURRIED:
        monkeypatch.delenv(name)
    assert limits_of(Settings(data_dir=tmp_path)) == Limits()
    assert limits_of(Settings(data_dir=tmp_path, rate_limits="off", chat_characters=5)) == Limits(rates=False, chat_characters=5)


async def test_it_starts_and_stops(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path))
    async with app.router.lifespan_context(app) as state:
        assert state is not None
        assert state["hub"]
    assert (tmp_path / "fourhands.db").is_file()
