"""The load generator's measurement, against the bare relay: everything sent arrives and is recognised."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with subprocess.Popen([workshop.crelay, str(port)]) as process:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.01)
        yield port, process.pid
        process.kill()


def load(workshop: Workshop, trace: Path, relay: tuple[int, int], words: str) -> dict[str, float]:
    port, pid = relay
    verb, *options = words.split()
    command = [workshop.loadgen, verb, "-p", str(port), "-P", str(pid), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env={**os.environ, "BENCH_DATA": str(trace)})
    return json.loads(done.stdout)


def test_every_edit_reaches_everybody_else(workshop: Workshop, trace: Path, relay: tuple[int, int]) -> None:
    seen = load(workshop, trace, relay, "run -R 3 -c 4 -r 50 -d 1 -w 0.2 -A")
    assert seen["missing"] == seen["dead"] == 0
    assert seen["sent"] > 0
    assert seen["aw"] >= seen["sent"], "cursors travel with the edits"
    assert 0 < seen["p50"] <= seen["p99"] <= seen["p999"]


def test_one_writer_is_enough(workshop: Workshop, trace: Path, relay: tuple[int, int]) -> None:
    seen = load(workshop, trace, relay, "run -R 1 -c 5 -W 1 -r 50 -d 0.5 -w 0.1")
    assert seen["missing"] == seen["dead"] == 0


def test_the_ramp_ends_with_a_capacity(workshop: Workshop, trace: Path, relay: tuple[int, int]) -> None:
    seen = load(workshop, trace, relay, "ramp -R 4 -c 2 -r 20 -d 0.3 -S 2,2,3")
    assert seen["dead"] == 0
    assert seen["max_deliv_s"] >= 0
