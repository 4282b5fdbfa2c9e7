"""A whole server as a process of its own for the tests of the wire."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server import ServerProcess

StartServer = Callable[..., ServerProcess]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One for a whole module; tests open rooms of their own."""
    process = ServerProcess(tmp_path_factory.mktemp("data"))
    process.start()
    yield process
    process.stop()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Starts servers for one test alone, with settings; they end with it."""
    started: list[ServerProcess] = []

    def start(*, root_path: str = "", **settings: object) -> ServerProcess:
        env = {f"FOURHANDS_{name.upper()}": str(value) for name, value in settings.items()}
        process = ServerProcess(tmp_path / f"data{len(started)}", env=env, root_path=root_path)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop()
