"""`fourhands languages`, typed. apt-get is a script of ours: nothing is installed here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fourhands.language_commands import languages


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """A folder of programs: an apt that knows gcc and notes what it is to do, and a sudo that does it."""
    scripts = {
        "apt-cache": 'shift; for name; do case $name in gcc|libc6-dev) echo "$name | 1 | here";; esac; done',
        "apt-get": f'echo "$@" > {tmp_path}/asked; exit ${{APT_ENDS:-0}}',
        "sudo": 'shift; exec "$@"',
    }
    for name, text in scripts.items():
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    return tmp_path


def run(*words: str, system: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{system}:{os.environ['PATH']}" if system else os.environ["PATH"]
    cache = {"XDG_CACHE_HOME": str(system)} if system else {}
    return subprocess.run(
        [sys.executable, "-m", "fourhands", "languages", *words],
        capture_output=True,
        text=True,
        env={**os.environ, **cache, "PATH": path, "COLUMNS": "200", **environment},
        timeout=60,
        check=False,
    )


def test_the_list_says_what_runs_each() -> None:
    listed = json.loads(run("--json").stdout)
    shown = {one["id"]: one for one in listed}
    assert shown["bash"]["runtime"] == "GNU Bash"
    assert shown["bash"]["version"].startswith("5")
    assert shown["python"]["browser"]
    assert shown["json"] | {"name": "", "aliases": []} == {
        "id": "json",
        "name": "",
        "aliases": [],
        "browser": False,
        "runtime": None,
        "version": None,
        "libraries": [],
        "repl": False,
        "packages": [],
        "why": "",
    }
    missing = [one for one in listed if one["packages"] and not one["runtime"]]
    assert all(one["why"].endswith(".") for one in missing)


def test_the_table_has_a_line_for_each() -> None:
    table = run().stdout
    assert "GNU Bash" in table
    assert "In the browser" in table


def test_install_prints_the_command_and_runs_nothing(system: Path) -> None:
    done = run("install", "c", system=system)
    assert done.returncode == 0
    assert done.stdout.removeprefix("sudo ") == "apt-get install --no-install-recommends gcc libc6-dev\n"
    assert not (system / "asked").exists()


def test_install_with_yes_runs_it(system: Path) -> None:
    done = run("install", "--yes", "c", system=system)
    assert done.returncode == 0, done.stderr
    assert (system / "asked").read_text() == "install --no-install-recommends --yes gcc libc6-dev\n"


def test_an_install_that_fails_says_so(system: Path) -> None:
    done = run("install", "-y", "c", system=system, APT_ENDS="100")
    assert done.returncode == 1
    assert "could not be installed" in done.stderr


def test_a_package_that_this_debian_does_not_have_is_named(system: Path) -> None:
    done = run("install", "swift", system=system)
    assert done.returncode == 1
    assert "swiftlang" in done.stderr


def test_a_slip_is_answered_with_the_nearest() -> None:
    done = run("install", "pyhton")
    assert done.returncode == 2
    assert "Did you mean python" in done.stderr


def test_what_cannot_be_prepared_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourhands.execution.languages.detect.prepare_toolchains", lambda *_: {"go": "no room."})
    done = CliRunner().invoke(languages, ["prepare"])
    assert done.exit_code == 1
    assert "go: what would make it faster could not be made: no room." in done.output
