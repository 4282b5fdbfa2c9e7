"""The documents say what is so: settings, decisions, recipes."""

import re

import pytest

from fourhands.settings_table import SettingRow, as_markdown, setting_rows
from tests.architecture.sources import ROOT, kept_files, read_text

OPERATIONS = ROOT / "docs" / "operations.md"
DECISIONS = ROOT / "docs" / "decisions"


def test_the_table_of_settings_is_the_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert as_markdown() in OPERATIONS.read_text(), "run `fourhands settings --markdown` and put what it prints into docs/operations.md"


@pytest.mark.parametrize("row", setting_rows(), ids=lambda row: row.name)
def test_every_setting_is_described_by_a_sentence(row: SettingRow) -> None:
    assert row.description.endswith(".")
    assert row.description[0].isupper() or row.description.startswith("`")


def test_decisions_are_numbered_without_a_gap() -> None:
    names = sorted(path.name for path in DECISIONS.glob("*.md"))
    assert names
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    for name in names:
        assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name)
        text = (DECISIONS / name).read_text()
        assert all(part in text for part in ("# ", "## Why", "## What follows")), name


def test_links_between_documents_lead_somewhere() -> None:
    links = [
        (path, target) for path in kept_files() if path.suffix == ".md" for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", read_text(path) or "")
    ]
    broken = [f"{path.relative_to(ROOT)}: {target}" for path, target in links if not (path.parent / target).exists()]
    assert broken == []


def test_every_recipe_that_documents_name_is_there() -> None:
    recipes = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for path in kept_files() if path.suffix == ".md" for name in re.findall(r"`make ([a-z0-9-]+)", read_text(path) or "")}
    assert named <= recipes
