"""Several workers on one port: started, restarted and stopped together, and refused where they could not be one server."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fourhands.metrics.gathering import Seat
from fourhands.settings import Settings
from fourhands.workers import share, worker
from tests.test_cli import run_forked

SECONDS = 60.0
ROOT = Path(__file__).parents[1]
PROGRAM = """
    import os, signal, sys, time
    from pathlib import Path
    from fourhands import workers
    from fourhands.workers import Part, Supervisor
    folder = Path(sys.argv[1])
    workers.FIRST_PAUSE_SECONDS = 0.01

    def life(name, started):
        def drain(number, frame):
            (folder / f"{name}.drained").touch()
            sys.exit(0)
        signal.signal(signal.SIGTERM, drain)
        started()
        (folder / f"{name}.{os.getpid()}").touch()
        while True:
            signal.pause()

    def fails(started):
        sys.exit(3)

    names = sys.argv[2].split(",")
    parts = [Part(name, fails if name == "fails" else lambda started, name=name: life(name, started), pause=0.01) for name in names]
    others = [Part("runner", lambda started: life("runner", started), pause=0.01)]
    sys.exit(Supervisor(parts, others, started=lambda: print("all started", flush=True)).run())
"""


class Supervised:
    """A supervisor over processes that do nothing; each leaves a file that tells its pid."""

    def __init__(self, folder: Path, names: str) -> None:
        self.folder = folder
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}"}
        command = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(folder), names]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def until(self, holds: Callable[[], object]) -> None:
        end = time.monotonic() + SECONDS
        while not holds():
            assert time.monotonic() < end, sorted(path.name for path in self.folder.iterdir())
            time.sleep(0.01)

    def pids(self, name: str) -> set[int]:
        """All that this one has had so far."""
        return {int(path.suffix[1:]) for path in self.folder.glob(f"{name}.*") if path.suffix[1:].isdigit()}

    def started(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "all started\n"
        self.until(lambda: all(self.pids(name) for name in ("a", "b", "runner")))

    def end(self) -> int:
        return self.process.wait(SECONDS)


@pytest.fixture
def supervised(quick_dir: Path) -> Iterator[Supervised]:
    made = Supervised(quick_dir, "a,b")
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_all_and_then_it_ends(supervised: Supervised, number: signal.Signals) -> None:
    supervised.started()
    supervised.process.send_signal(number)
    assert supervised.end() == 0
    assert {path.name for path in supervised.folder.glob("*.drained")} == {"a.drained", "b.drained", "runner.drained"}


def test_those_that_were_killed_are_started_again_and_the_others_notice_nothing(supervised: Supervised) -> None:
    supervised.started()
    for name in ("b", "runner"):
        (first,) = supervised.pids(name)
        os.kill(first, signal.SIGKILL)
        supervised.until(lambda name=name: len(supervised.pids(name)) == 2)
    assert len(supervised.pids("a")) == 1
    supervised.process.terminate()
    assert supervised.end() == 0


def test_nobody_outlives_a_supervisor_that_was_killed(supervised: Supervised) -> None:
    supervised.started()
    theirs = [pid for name in ("a", "b", "runner") for pid in supervised.pids(name)]
    supervised.process.kill()
    supervised.until(lambda: not any(map(is_there, theirs)))


@pytest.mark.parametrize("names", ["fails,a", "a,fails"])
def test_one_that_cannot_start_ends_them_all(quick_dir: Path, names: str) -> None:
    supervised = Supervised(quick_dir, names)
    said, _ = supervised.process.communicate(timeout=SECONDS)
    assert supervised.process.returncode == 3
    assert "all started" not in said
    assert "not_started" in said


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({}, "2 workers need REDIS_URL"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "2 workers need PostgreSQL"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0", "DATABASE_URL": "sqlite:///x.db"}, "2 workers need PostgreSQL"),
    ],
)
def test_several_workers_that_could_not_meet_are_refused(quick_dir: Path, more: dict[str, str], sentence: str) -> None:
    said = run_forked(quick_dir, "serve", "--workers", "2", **more)
    assert (said.returncode, said.stdout) == (2, "")
    assert sentence in re.sub(r"\s+", " ", said.stderr)
    assert "start one worker" in said.stderr


def test_workers_share_one_runner_and_its_places(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        workers=4,
        runner="child",
        redis_url="redis://x",
        database_url="postgresql://x/y",
        programs_at_once=8,
        terminals_at_once=6,
        programs_memory_percent=80,
    )
    shared = share(settings, 8123, tmp_path)
    assert (shared.port, shared.runner) == (8123, f"unix://{tmp_path}/runner.sock")
    assert (shared.programs_at_once, shared.terminals_at_once, shared.programs_memory_percent) == (2, 2, 20)
    assert share(settings.model_copy(update={"runner": "off"}), 1, tmp_path).runner == "off"
    assert worker(shared, Seat(2, 4, tmp_path)).name == "worker 2"
