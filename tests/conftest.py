"""What holds for all tests: machines differ in speed, so no example of a property has to be fast; the options of long runs."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.server import UNHURRIED

settings.register_profile("any-machine", deadline=None, print_blob=True)
settings.load_profile("any-machine")
SHARED_MEMORY = Path("/dev/shm")
for name, value in {"FOURHANDS_RUNNER": "off", **UNHURRIED}.items():  # a server starts a runner only in tests that want one
    os.environ.setdefault(name, value)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("soak", "long runs (tests/soak)")
    group.addoption("--full", action="store_true", help="full counts instead of a tenth of them")
    group.addoption("--seed", type=int, help="the first round's seed; the next rounds count on from it")
    group.addoption("--rounds", type=int, help="this many rounds of each test that has rounds")
    group.addoption("--source", help="run servers from this folder of sources instead of src")


@pytest.fixture
def quick_dir() -> Iterator[Path]:
    """A folder in memory, where the disk is not what is tested: syncing is most of what a database's test takes."""
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None) as folder:
        yield Path(folder)
