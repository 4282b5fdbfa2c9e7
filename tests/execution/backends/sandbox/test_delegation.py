"""Who gets a delegated scope."""

from pathlib import Path

import pytest

from fourhands.execution.backends.sandbox.delegation import delegated_command

COMMAND = ["python", "-m", "fourhands", "runner"]


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """A machine with systemd-run and a user manager that listens."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "systemd-run").touch(mode=0o755)
    (tmp_path / "run" / "systemd").mkdir(parents=True)
    (tmp_path / "run" / "systemd" / "private").touch()
    return {"PATH": str(tmp_path / "bin"), "XDG_RUNTIME_DIR": str(tmp_path / "run")}


def test_who_is_not_root_asks_the_user_manager(machine: dict[str, str]) -> None:
    command = delegated_command(COMMAND, machine, uid=1000)
    assert command[0].endswith("/systemd-run")
    assert {"--user", "--scope", "--property=Delegate=yes"} <= set(command)
    assert command[command.index("--") + 1 :] == COMMAND
    assert next(word for word in command if word.startswith("--unit=")).startswith("--unit=fourhands-runner-")


def test_root_needs_nobody(machine: dict[str, str]) -> None:
    assert delegated_command(COMMAND, machine, uid=0) == COMMAND


@pytest.mark.parametrize("missing", ["PATH", "XDG_RUNTIME_DIR"])
def test_where_there_is_no_user_manager_it_is_started_as_it_is(machine: dict[str, str], missing: str) -> None:
    assert delegated_command(COMMAND, {**machine, missing: "/nonexistent"}, uid=1000) == COMMAND
