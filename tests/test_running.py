"""What the settings make of running programs; a runner that we start gets no secret."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from fourhands.execution.executor import Off
from fourhands.execution.keeping import Beside, Child
from fourhands.execution.port import Needs, Runtime
from fourhands.model.clock import SystemClock
from fourhands.running import INHERITED, RUNNER_SETTINGS, Running, connector_of, machine_memory_bytes, rules_of, runner_environment
from fourhands.settings import Settings
from fourhands.settings_table import SECRETS


def test_a_runner_gets_what_is_listed_and_nothing_else() -> None:
    own = dict.fromkeys(INHERITED, "x") | {"SECRET_KEY": "s" * 20, "DATABASE_URL": "postgresql://", "AWS_SECRET_ACCESS_KEY": "k", "FOURHANDS_API_TOKENS": "t"}
    environment = runner_environment(Settings(secret_key="s" * 20, api_tokens=("t" * 20,), program_files=7, database_url="sqlite:///x"), own)
    assert environment.keys() == {*INHERITED, *(f"FOURHANDS_{name.upper()}" for name in RUNNER_SETTINGS)}
    assert environment["FOURHANDS_PROGRAM_FILES"] == "7"
    assert not any("s" * 20 in value or "t" * 20 in value for value in environment.values())


def test_no_secret_is_among_the_settings_of_a_runner() -> None:
    assert not SECRETS & set(RUNNER_SETTINGS)
    assert "database_url" not in RUNNER_SETTINGS


def test_every_setting_of_a_runner_is_read_back_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(log_level="debug", bwrap="/opt/bwrap", programs_warm=0, self_test_seconds=12.5)
    for name, value in runner_environment(settings, {}).items():
        monkeypatch.setenv(name, value)
    assert all(getattr(Settings(), name) == getattr(settings, name) for name in RUNNER_SETTINGS)


def test_the_rules_are_the_settings() -> None:
    rules = rules_of(Settings(program_seconds=4, terminal_seconds=100, terminal_cpu_seconds=9, programs_at_once=5, programs_per_minute=3))
    assert (rules.program.wall_seconds, rules.terminal.wall_seconds, rules.terminal.cpu_seconds) == (4, 100, 9)
    assert (rules.queue.batch, rules.per_minute) == (5, 3)
    assert rules_of(Settings(rate_limits="off")).per_minute == 0
    assert rules_of(Settings()).queue.batch == len(os.sched_getaffinity(0))


def test_no_program_gets_more_memory_than_the_machine_gives_to_one() -> None:
    rules = rules_of(Settings(programs_memory_percent=0.001))
    java = Runtime(language="java", version="17", compiled=True, needs=Needs(memory_bytes=1 << 40))
    for lane in ("batch", "interactive"):
        fitted = rules.fitted(rules.program, java, lane)
        assert rules.memory_bytes(fitted, java) <= rules.queue.most_bytes(lane)


def test_a_container_has_the_memory_that_it_was_given(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text("max\n")
    whole = machine_memory_bytes((limit,))
    limit.write_text("1048576\n")
    assert machine_memory_bytes((limit, tmp_path / "none")) == 1048576 < whole


def test_the_way_to_the_runner() -> None:
    assert isinstance(connector_of(Settings(runner="child")), Child)
    assert isinstance(connector_of(Settings(runner="unix:///run/x.sock")), Beside)


@pytest.mark.parametrize("runner", ["", "unix://relative", "http://elsewhere", "yes"])
def test_a_way_that_is_none_is_refused(runner: str) -> None:
    with pytest.raises(ValidationError, match="child, off, or unix:///PATH"):
        Settings(runner=runner)


async def test_off_is_off() -> None:
    running = Running(Settings(runner="off"), SystemClock())
    await running.start()
    assert running.executor.why_not() == f"{Off.health.sentence} {Off.health.mend}"
    assert not running.executor.is_pending
    await running.stop()
    await running.close()
