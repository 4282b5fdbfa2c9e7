"""Long runs. `make soak` does full counts, `make test` a tenth of them; both say the seed of what fails and how to repeat it.

A test marked `rounds(N)` that takes `chance` is done N times (a tenth: N // 10, at least once), each round with a seed of its own;
`share(N)` gives other tests their count.
"""

import contextlib
import random
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.nursery import Nursery
from tests.server import ServerProcess
from tests.soak.disk import Disk, compile_shim
from tests.soak.nursery import NurseryServer

TENTH = 10
Share = Callable[[int], int]
StartServer = Callable[..., ServerProcess]


def first_seed(config: pytest.Config) -> int:
    """As told; else 1 for a tenth, which is the same every time, and another one for each full run."""
    if config.option.seed is None:
        config.option.seed = int(time.time()) % 100_000 * 1000 if config.option.full else 1
    return int(config.option.seed)


def source(config: pytest.Config) -> str | None:
    """Where servers' sources are, if not in src."""
    folder = config.option.source
    if folder and not Path(folder, "fourhands").is_dir():
        raise pytest.UsageError(f"--source {folder}: there is no fourhands in it")
    return folder


def part(config: pytest.Config, count: int) -> int:
    """Of `count` rounds, those to be done now."""
    return count if config.option.full else max(1, count // TENTH)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("rounds")
        count = metafunc.config.option.rounds or part(metafunc.config, marker.args[0] if marker else 1)
        metafunc.parametrize("seed", range(first_seed(metafunc.config), first_seed(metafunc.config) + count))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and isinstance(item, pytest.Function) and "seed" in item.fixturenames:
        report.sections.append(("repeat it", f'make soak ARGS="--seed {item.callspec.params["seed"]} --rounds 1 -k {item.originalname}"'))
    return report


@pytest.fixture
def chance(seed: int, request: pytest.FixtureRequest) -> random.Random:
    """All that a round leaves to chance."""
    return random.Random(f"{request.function.__name__} {seed}")


@pytest.fixture
def share(pytestconfig: pytest.Config) -> Share:
    """Of a full count, what is to be done now."""
    return lambda count: part(pytestconfig, count)


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Nursery]:
    """Where servers come from that have a real disk."""
    made = Nursery(tmp_path_factory.mktemp("nursery") / "pipes", source(pytestconfig))
    yield made
    made.close()


@pytest.fixture
def start_server(tmp_path: Path, pytestconfig: pytest.Config, nursery: Nursery) -> Iterator[StartServer]:
    """Starts servers with settings, on `data_dir` (a new one by default), over `disk` where one is given; they end with the test."""
    started: list[ServerProcess] = []
    with contextlib.ExitStack() as stack:

        def start(*, data_dir: Path | None = None, disk: Disk | None = None, listen: bool = True, **settings: object) -> ServerProcess:
            env = {f"FOURHANDS_{name.upper()}": str(value) for name, value in settings.items()}
            place = nursery
            if disk is not None:
                place = Nursery(tmp_path / f"pipes{len(started)}", source(pytestconfig), disk.env)
                stack.callback(place.close)
            process = NurseryServer(place, data_dir or tmp_path / f"data{len(started)}", env=env)
            stack.callback(lambda: print(process.log[-4000:]))  # is shown when the test fails
            stack.callback(process.kill)
            started.append(process)
            if listen:
                process.start()
            return process

        yield start


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What goes between a server and its disk."""
    return compile_shim(tmp_path_factory.mktemp("shim"))


@pytest.fixture
def disk(shim: Path, tmp_path: Path) -> Iterator[Disk]:
    """A disk that fails, fills up, slows down and is cut off as a test wishes."""
    with Disk(shim, tmp_path / "disk") as made:
        yield made
