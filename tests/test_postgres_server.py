"""The fixture of a real PostgreSQL: killed and started again with what it had, and gone when its last user is."""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import postgres_server
from tests.cluster.parts import ROOT
from tests.postgres_server import MISSING, PostgresServer
from tests.server import folder_in_memory

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


def test_what_was_committed_survives_a_kill() -> None:

    with postgres_server.running() as server:
        server.sql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        server.kill()
        assert not server.answers()
        server.start()
        assert server.sql("SELECT n FROM kept") == "7"


def test_a_test_has_a_database_of_its_own(postgres: PostgresServer) -> None:
    name = postgres.create()
    try:
        assert postgres.sql("SELECT current_database()", name) == name
    finally:
        postgres.drop(name)


def test_the_last_user_ends_the_shared_one(tmp_path: Path) -> None:
    with postgres_server.shared(tmp_path.name) as first:
        with postgres_server.shared(tmp_path.name) as second:
            assert (second.port, second.folder) == (first.port, first.folder)
        assert first.answers(), "the first still works with it"
    assert not first.answers()
    assert not first.folder.exists()


def test_nothing_is_left_of_a_server_whose_process_was_killed() -> None:
    with folder_in_memory() as place:
        place.chmod(0o755)
        leave(place / "postgres")


def leave(folder: Path) -> None:
    """Have a process start a server there, kill it, and wait until the server and its folder are gone."""
    program = (
        "import sys, time; from pathlib import Path; from tests.postgres_server import PostgresServer\n"
        "server = PostgresServer(Path(sys.argv[1]))\nserver.start()\nprint(server.pid, flush=True)\ntime.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        server = os.pidfd_open(int(started.stdout.readline()))
        started.kill()
    ended, _, _ = select.select([server], [], [], 60)
    os.close(server)
    assert ended
    until = time.monotonic() + 60
    while folder.exists():
        assert time.monotonic() < until
        time.sleep(0.05)
