"""`fourhands audit`, as an operator types it, beside the log of a server."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fourhands.model.audit import Noted, Who
from fourhands.settings import Settings
from fourhands.storage import make_store
from tests.test_cli import run_forked as run

DAY_MS = 86_400_000
MAY_MS = 1_777_593_600_000  # 2026-05-01


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """A folder with a log of three lines, one a day."""
    store = make_store(Settings(data_dir=tmp_path / "data"))
    (tmp_path / "data").mkdir()
    await store.start()
    for number, what in enumerate(("room.ended", "account.login_failed", "room.changed")):
        await store.audit.add(Noted(what, Who("stranger", address="192.0.2.7"), MAY_MS + number * DAY_MS, "aaaa-aaaa-aaaa", "ada é", {"tries": number}))
    await store.stop()
    return tmp_path


def export(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "audit", "export", "--data-dir", str(folder / "data"), *words)


def lines(said: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert said.returncode == 0, said.stderr
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_each_line_says_who_what_on_what_where_from_and_when(data: Path) -> None:
    first, *rest = lines(export(data))
    assert first == {
        "id": 1,
        "at": MAY_MS,
        "what": "room.ended",
        "by": {"kind": "stranger", "id": "", "name": "", "address": "192.0.2.7"},
        "room": "aaaa-aaaa-aaaa",
        "on": "ada é",
        "detail": {"tries": 0},
    }
    assert [line["what"] for line in rest] == ["account.login_failed", "room.changed"]


def test_some_of_them_are_chosen_and_written_to_a_file(data: Path) -> None:
    assert [line["what"] for line in lines(export(data, "--what", "room"))] == ["room.ended", "room.changed"]
    assert [line["what"] for line in lines(export(data, "--since", "2026-05-02"))] == ["account.login_failed", "room.changed"]
    said = export(data, "--what", "account.login_failed", "-o", str(data / "log.jsonl"))
    assert (said.returncode, said.stdout) == (0, "")
    assert [json.loads(line)["what"] for line in (data / "log.jsonl").read_text("utf-8").splitlines()] == ["account.login_failed"]


def test_without_a_database_it_says_so_and_writes_nothing(tmp_path: Path) -> None:
    said = export(tmp_path, "-o", str(tmp_path / "log.jsonl"))
    assert said.returncode == 1 and "There is no database" in said.stderr
    assert not (tmp_path / "log.jsonl").exists()
