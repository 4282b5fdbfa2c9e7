"""The fixture of a real PostgreSQL: killed and started again with what it had, and gone when its last user is."""

from pathlib import Path

import pytest

from tests import postgres_server
from tests.postgres_server import MISSING, PostgresServer

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
