"""What the settings make of running programs; a runner that we start gets no secret."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from fourhands.execution.executor import Off, Rate
from fourhands.execution.keeping import Beside, Child
from fourhands.execution.port import Data, Job, SourceFile
from fourhands.execution.queue import Ask
from fourhands.model.clock import SystemClock
from fourhands.running import INHERITED, RUNNER_SETTINGS, Running, connector_of, machine_memory_bytes, rules_of, runner_environment
from fourhands.settings import Settings
from fourhands.settings_table import SECRETS
from tests.edge.http.programs import TOKEN, scripted_server
from tests.execution.conftest import until
from tests.redis_server import free_port


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
    settings = Settings(log_level="debug", bwrap="/opt/bwrap", programs_warm=0, programs_idle=True, self_test_seconds=12.5)
    for name, value in runner_environment(settings, {}).items():
        monkeypatch.setenv(name, value)
    assert all(getattr(Settings(), name) == getattr(settings, name) for name in RUNNER_SETTINGS)


def test_the_rules_are_the_settings() -> None:
    rules = rules_of(Settings(program_seconds=4, terminal_seconds=100, terminal_cpu_seconds=9, programs_at_once=5, programs_per_minute=3))
    assert (rules.program.wall_seconds, rules.terminal.wall_seconds, rules.terminal.cpu_seconds) == (4, 100, 9)
    assert (rules.queue.batch, rules.per_minute) == (5, 3)
    assert rules_of(Settings(rate_limits="off")).per_minute == 0
    assert rules_of(Settings()).queue.batch == len(os.sched_getaffinity(0))


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
    with pytest.raises(ValidationError, match="child, off, redis, or unix:///PATH"):
        Settings(runner=runner)


async def test_a_piston_server_elsewhere_runs_programs_and_no_runner_is_started(tmp_path: Path) -> None:
    async with scripted_server(tmp_path) as house:
        settings = Settings(executor="piston", piston_url=house.url, piston_token=TOKEN, runner="child")
        running = Running(settings, SystemClock())
        assert running.executor.is_pending
        await running.start()
        await until(lambda: not running.executor.is_pending)
        assert running.executor.why_not() == ""
        ask = Ask(room="r", person="p", memory_bytes=1)
        job = Job(id="r", language="python", files=(SourceFile("main.py", b"x"),))
        events = [event async for event in await running.executor.start(job, ask, Rate("", 0))]
        assert Data("stdout", b"hello\n\n") in events
        await running.stop()
        await running.close()


@pytest.mark.parametrize("url", ["", "piston.example.org"])
def test_a_piston_server_needs_an_address(url: str) -> None:
    with pytest.raises(ValidationError, match="FOURHANDS_PISTON_URL"):
        Settings(executor="piston", piston_url=url)


def test_a_token_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ValidationError, match="too short"):
        Settings(api_tokens=("short",))


async def test_runners_by_redis_are_waited_for_and_need_none_of_our_own() -> None:
    running = Running(Settings(runner="redis", redis_url=f"redis://127.0.0.1:{free_port()}/0"), SystemClock())
    assert running.executor.is_pending
    await running.start()
    await until(lambda: not running.executor.is_pending)
    assert "Redis does not answer" in running.executor.why_not()
    assert running.executor.machines() == []
    await running.stop()
    await running.close()


async def test_off_is_off() -> None:
    running = Running(Settings(runner="off"), SystemClock())
    await running.start()
    running.set_log_level("debug")  # there is nobody to hear it
    assert running.executor.why_not() == f"{Off.health.sentence} {Off.health.mend}"
    assert not running.executor.is_pending
    await running.stop()
    await running.close()
