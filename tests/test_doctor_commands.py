"""`fourhands doctor`, typed as people type it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.execution.sandboxes import needs_sandbox


def typed(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fourhands", "doctor", *words]
    return subprocess.run(command, env={**os.environ, "COLUMNS": "160", **environment}, capture_output=True, text=True, timeout=120, check=False)


@needs_sandbox
def test_a_machine_that_holds_what_it_promises_is_told_so() -> None:
    said = typed()
    assert said.returncode == 0, said.stdout + said.stderr
    assert "Programs run in a sandbox on this machine." in said.stdout
    assert "Nothing survives a kill." in said.stdout
    assert said.stderr == ""


@needs_sandbox
def test_programs_get_it_as_json() -> None:
    said = typed("--json")
    health = json.loads(said.stdout)
    assert said.returncode == 0
    assert health["ok"] is True
    assert {check["name"] for check in health["checks"]} >= {"bubblewrap", "control groups", "filter", "network", "memory", "forks", "kill"}


def test_what_is_in_the_way_is_one_sentence_with_its_mend(tmp_path: Path) -> None:
    said = typed(FOURHANDS_BWRAP=str(tmp_path / "bwrap"))
    assert said.returncode == 1
    assert f"bubblewrap was not found ({tmp_path / 'bwrap'})." in said.stdout.replace("\n", " ").replace("  ", " ")
    assert "apt-get install bubblewrap" in said.stdout
    assert "the server runs no programs" in said.stdout
    health = json.loads(typed("--json", FOURHANDS_BWRAP=str(tmp_path / "bwrap")).stdout)
    assert health["ok"] is False and health["mend"]
