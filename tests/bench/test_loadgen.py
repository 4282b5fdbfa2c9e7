"""The load generator's measurement, against the bare relay: everything sent arrives and is recognised."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.documents import pasted_text, write_updates
from bench.runs import Run, read_run
from bench.scenarios import Scenario
from bench.servers import measure
from bench.trace import write_trace
from bench.workshop import Workshop, prepare

pytestmark = pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return prepare(tmp_path_factory.mktemp("bench"), peers=False)


@pytest.fixture(scope="module")
def trace(workshop: Workshop) -> Path:
    write_trace(workshop.home / "trace", count=2000, history_bytes=5000)
    return workshop.home / "trace"


@pytest.fixture
def relay(workshop: Workshop) -> Iterator[tuple[int, int]]:
    """The relay's port and process."""
    with listening(workshop) as (port, process):
        yield port, process.pid
        process.kill()


@contextlib.contextmanager
def listening(workshop: Workshop) -> "Iterator[tuple[int, subprocess.Popen[bytes]]]":
    """A relay that answers; another one where somebody took its port before it did."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        with subprocess.Popen([workshop.crelay, str(port)]) as process:
            if answers(port, process):
                yield port, process
                return


def answers(port: int, process: "subprocess.Popen[bytes]") -> bool:
    """Wait until it does; False: it has ended."""
    while process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process.poll() is None
        time.sleep(0.01)
    return False


def load(workshop: Workshop, trace: Path, relay: tuple[int, int], words: str) -> Run:
    port, pid = relay
    verb, *options = words.split()
    command = [workshop.loadgen, verb, "-p", str(port), "-P", str(pid), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env={**os.environ, "BENCH_DATA": str(trace)})
    return read_run(done.stdout)


def test_every_edit_reaches_everybody_else(workshop: Workshop, trace: Path, relay: tuple[int, int]) -> None:
    seen = load(workshop, trace, relay, "run -R 3 -c 4 -r 50 -d 1 -w 0.2 -A")
    assert seen["missing"] == seen["dead"] == 0
    assert seen["sent"] > 0
    assert seen["aw"] >= seen["sent"], "cursors travel with the edits"
    assert 0 < seen["p50"] <= seen["p99"] <= seen["p999"]


def test_one_writer_is_enough(workshop: Workshop, trace: Path, relay: tuple[int, int]) -> None:
    seen = load(workshop, trace, relay, "run -R 1 -c 5 -W 1 -r 50 -d 0.5 -w 0.1")
    assert seen["missing"] == seen["dead"] == 0


def test_several_windows_are_measured_in_a_row(workshop: Workshop, trace: Path, relay: tuple[int, int]) -> None:
    seen = load(workshop, trace, relay, "run -R 2 -c 2 -r 50 -d 0.3 -w 0.1 -k 3 -y")  # -y: also where it sleeps between edits
    assert len(seen["windows"]) == 3
    assert sum(window["deliv"] for window in seen["windows"]) > 0
    assert seen["missing"] == 0


def test_people_are_at_several_ports_in_turn_or_room_by_room(workshop: Workshop, trace: Path, relay: tuple[int, int]) -> None:
    with listening(workshop) as (port, process):
        try:
            kept = load(workshop, trace, relay, f"run -p {relay[0]},{port} -R 4 -c 2 -r 50 -d 0.3 -w 0.1 -B")
            apart = load(workshop, trace, relay, f"run -p {relay[0]},{port} -x apart -R 1 -c 3 -W 1 -r 50 -d 0.3 -w 0")
        finally:
            process.kill()
    assert kept["missing"] == kept["dead"] == 0
    assert apart["missing"] == apart["sent"], "of the two who read one is where the writer is, and these two relays know nothing of each other"


def test_what_a_server_uses_is_counted_apart(workshop: Workshop, trace: Path, relay: tuple[int, int]) -> None:
    seen = load(workshop, trace, relay, f"run -Q {os.getpid()} -Q {relay[1]} -R 2 -c 2 -r 100 -d 0.5 -w 0.1")
    assert seen["beside1_per_100k"] == pytest.approx(seen["cpu_per_100k"], rel=0.5)
    assert seen["beside0_per_100k"] >= 0


def test_rooms_that_nobody_writes_in_stay_silent(workshop: Workshop, trace: Path, relay: tuple[int, int]) -> None:
    seen = load(workshop, trace, relay, "run -R 10 -c 2 -a 3 -r 20 -d 0.5 -w 0")
    assert seen["sent"] <= 30
    assert seen["missing"] == 0
    assert seen["joined"] == 20


def test_a_room_holds_what_it_was_brought_before(workshop: Workshop, trace: Path, relay: tuple[int, int]) -> None:
    write_updates(workshop.home / "before", pasted_text(3000))
    seen = load(workshop, trace, relay, f"run -R 2 -c 3 -r 50 -d 0.3 -w 0.1 -i {workshop.home / 'before'}")
    assert seen["missing"] == seen["dead"] == 0
    assert seen["joined"] == 6


def test_the_ramp_ends_with_a_capacity(workshop: Workshop, trace: Path, relay: tuple[int, int]) -> None:
    seen = load(workshop, trace, relay, "ramp -R 4 -c 2 -r 20 -d 0.3 -S 2,2,3")
    assert seen["dead"] == 0
    assert seen["max_deliv_s"] >= 0


def test_our_server_has_a_flood_when_it_says_that_it_is_saved(workshop: Workshop, trace: Path) -> None:
    seen = measure(workshop, "fourhands", Scenario("flood", "flood -N 1500", (), document=True), trace, persist=False)
    assert seen["all"] is True
    assert seen["n"] == 1500
    assert seen["saved"] == seen["synced"] == 1501, "the answer to the server's step 1 counts too"
    assert seen["missing"] == seen["dead"] == seen["log_errors"] == 0
