"""A whole server as a process of its own for the tests of the wire."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server import ServerProcess, folder_in_memory

StartServer = Callable[..., ServerProcess]


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """One for a whole module; tests open rooms of their own."""
    with folder_in_memory() as folder:
        process = ServerProcess(folder / "data")
        process.start()
        yield process
        process.stop()


@pytest.fixture
def start_server(quick_dir: Path) -> Iterator[StartServer]:
    """Starts servers for one test alone, with settings; they end with it."""
    started: list[ServerProcess] = []

    def start(*, root_path: str = "", **settings: object) -> ServerProcess:
        env = {f"FOURHANDS_{name.upper()}": str(value) for name, value in settings.items()}
        process = ServerProcess(quick_dir / f"data{len(started)}", env=env, root_path=root_path)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop()
