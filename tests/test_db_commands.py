"""`fourhands db`, as an operator types it: look, upgrade, and bring a SQLite installation to PostgreSQL."""

import base64
from pathlib import Path

import httpx
import pytest

from tests.postgres_server import MISSING, PostgresServer, free_port
from tests.server import ServerProcess
from tests.test_cli import run_forked
from tests.wire.client import Client, Room, bearer

needs_postgres = pytest.mark.skipif(bool(MISSING), reason=MISSING)
KEY = base64.b64encode(bytes([4]) * 32).decode()


def test_a_database_is_made_looked_at_and_not_made_by_looking(tmp_path: Path) -> None:
    place = ("--data-dir", str(tmp_path))
    missing = run_forked(tmp_path, "db", "check", *place)
    assert (missing.returncode, "There is no database" in missing.stderr) == (1, True)
    assert run_forked(tmp_path, "db", "upgrade", *place).stdout.startswith("SQLite 3.")
    checked = run_forked(tmp_path, "db", "check", *place)
    assert (checked.returncode, "schema 00" in checked.stdout) == (0, True)


@needs_postgres
def test_a_server_that_follows_none_or_is_away_is_a_fault(tmp_path: Path, postgres_url: str, postgres: PostgresServer) -> None:
    for follower, words in (
        (postgres_url, "follows no other"),
        (f"postgresql://ada:secret@127.0.0.1:{free_port()}/n", "does not answer"),
    ):
        said = run_forked(tmp_path, "db", "check", DATABASE_URL=postgres_url, DATABASE_READ_URL=follower)
        assert (said.returncode, words in said.stdout) == (1, True), said.stderr
        assert not [word for word in ("secret", postgres.password) if word in said.stdout + said.stderr]


@needs_postgres
async def test_an_installation_with_encrypted_rooms_is_brought_to_postgresql(tmp_path: Path, postgres_url: str) -> None:
    env = {"FOURHANDS_ENCRYPTION_KEYS": KEY, "SECRET_KEY": "a secret that is long enough"}
    place = ("--data-dir", str(tmp_path / "data"))
    server = ServerProcess(tmp_path / "data", env=env)
    server.start()
    try:
        room = Room.open(server.url, title="Moved")
        async with Client(server.url, room.id, room.host) as ada:
            await ada.insert(0, "what was written before")
            await ada.until_saved()
            there = {**env, "DATABASE_URL": postgres_url}
            busy = run_forked(tmp_path, "db", "copy", *place, **there)
            assert (busy.returncode, "Another server works with" in busy.stderr) == (1, True)
    finally:
        server.stop()
    copied = run_forked(tmp_path, "db", "copy", *place, **there)
    assert copied.returncode == 0, copied.stderr
    assert "Each row is in PostgreSQL as it was.\n1 rooms opened there." in copied.stdout
    assert list((tmp_path / "data").glob("fourhands-copy-*")) == []
    again = run_forked(tmp_path, "db", "copy", *place, **there)
    assert (again.returncode, "is not empty" in again.stderr) == (1, True)
    other = ServerProcess(tmp_path / "elsewhere", env=there)
    other.start()
    try:
        assert httpx.get(f"{other.url}/api/rooms/{room.id}/files/main", headers=bearer(room.host)).text == "what was written before"
    finally:
        other.stop()


def test_only_postgresql_is_copied_to(tmp_path: Path) -> None:
    said = run_forked(tmp_path, "db", "copy", "--data-dir", str(tmp_path))
    assert (said.returncode, "Name the PostgreSQL" in said.stderr) == (1, True)
