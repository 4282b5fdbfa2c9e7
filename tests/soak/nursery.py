"""Servers of a nursery of one's own: over another disk, or from other sources."""

from pathlib import Path
from typing import Any

from tests.nursery import Nursery
from tests.server import ServerProcess


class NurseryServer(ServerProcess):
    """A server of that nursery."""

    def __init__(self, nursery: Nursery, data_dir: Path, *, env: dict[str, str]) -> None:
        super().__init__(data_dir, env=env)
        self._nursery = nursery

    def _spawn(self, arguments: list[str], environment: dict[str, str]) -> Any:
        return self._nursery.fork(arguments, environment)
