"""A runner that joins for a measurement: there is one, or the reason why there is none."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.shared_runner import CannotJoin, _wait_joined
from tests.redis_server import RedisServer, needs_redis


@needs_redis
def test_a_runner_that_ends_is_no_runner_that_joined(redis_server: RedisServer, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    with pytest.raises(CannotJoin, match="its log is"):
        _wait_joined(ended, redis_server.port, tmp_path / "log")
