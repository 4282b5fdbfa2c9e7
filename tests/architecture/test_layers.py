"""The import contracts name every package that there is, so that a new one cannot slip past them."""

import tomllib
from typing import Any

import pytest

from tests.architecture.sources import PACKAGE, ROOT

LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS: dict[str, dict[str, Any]] = {contract["id"]: contract for contract in LINTER["contracts"]}
THERE = {path.stem for path in PACKAGE.iterdir() if (path.suffix == ".py" or (path / "__init__.py").is_file()) and path.stem != "__init__"}
FREE = {
    "settings-at-the-roots": {
        "__main__",
        "account_parts",
        "cluster_parts",
        "app",
        "bus_parts",
        "audit_commands",
        "backup_commands",
        "backups",
        "cli",
        "db_commands",
        "admin_commands",
        "doctor_commands",
        "journal_commands",
        "language_commands",
        "terminal",
        "upkeep",
        "storage",
        "observing",
        "error_reports",
        "serving",
        "workers",
        "runner",
        "running",
        "cluster_settings",
        "setting_checks",
        "settings",
        "settings_table",
        "kept_secrets",
        "logs",
    },
    "adapters-at-the-root": {
        "__main__",
        "app",
        "backups",
        "upkeep",
        "storage",
        "store",
        "model",
        "protocol",
        "access",
        "errors",
        "cluster_settings",
        "setting_checks",
        "settings",
        "settings_table",
        "kept_secrets",
        "logs",
    },
    "sql-in-its-room": {"__main__", "errors", "store", "cluster_settings", "setting_checks", "settings_table", "kept_secrets", "logs"},
    "redis-in-its-rooms": {"__main__", "redis_client"},
    "web-at-the-edge": {"__main__", "app", "serving", "edge", "cluster_settings", "setting_checks", "settings_table", "kept_secrets", "logs"},
}
"""What a contract leaves free on purpose; everything else has to be named by it."""


def test_every_module_has_its_layer() -> None:
    layers = CONTRACTS["layers"]
    named = {name.strip() for layer in layers["layers"] for name in layer.replace(":", "|").split("|")}
    assert layers["exhaustive"]
    assert named == THERE


@pytest.mark.parametrize("contract", FREE)
def test_every_module_is_held_to_the_contract_or_free_of_it_on_purpose(contract: str) -> None:
    named = {module.split(".")[1] for module in CONTRACTS[contract]["source_modules"]}
    assert named | FREE[contract] == THERE


def test_the_pages_know_their_layers_too() -> None:
    assert (ROOT / "web" / ".dependency-cruiser.cjs").is_file()
    folders = {path.name for path in (ROOT / "web" / "src").iterdir() if path.is_dir()}
    text = (ROOT / "web" / ".dependency-cruiser.cjs").read_text()
    assert {folder for folder in folders if f"'{folder}'" not in text} == set()
