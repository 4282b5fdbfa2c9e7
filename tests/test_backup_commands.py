"""`fourhands backup` and `fourhands restore`, as an operator types them: while people write, into an empty place, on both databases."""

import asyncio
import base64
from pathlib import Path

import httpx
import pytest

from tests.postgres_server import MISSING, PostgresServer
from tests.server import ServerProcess
from tests.test_cli import run_forked
from tests.wire.client import Client, Room, bearer

KEY = base64.b64encode(bytes([3]) * 32).decode()
POSTGRES = pytest.param("postgresql", marks=pytest.mark.skipif(bool(MISSING), reason=MISSING))


def counts(said: str) -> str:
    """How many rooms and rows a command named."""
    rooms, rows = said.split(" rooms, ")
    return f"{rooms.split()[-1]} rooms, {rows.split()[0]} rows"


@pytest.mark.parametrize("kind", ["sqlite", POSTGRES])
async def test_a_backup_taken_while_people_write_is_restored_whole(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    env = {"FOURHANDS_ENCRYPTION_KEYS": KEY, "FOURHANDS_FOLD_SECONDS": "0.3", "SECRET_KEY": "a secret that is long enough"}
    there = env if kind == "sqlite" else {**env, "DATABASE_URL": request.getfixturevalue("postgres_url")}
    file, data = tmp_path / "all.backup", str(tmp_path / "data")
    server = ServerProcess(tmp_path / "data", env=there)
    server.start()
    try:
        room = Room.open(server.url, title="Kept")
        async with Client(server.url, room.id, room.host) as ada, Client(server.url, room.id, room.join("Lin")) as lin:
            await ada.insert(0, "saved before\n")
            await ada.until_saved()
            backup = asyncio.create_task(asyncio.to_thread(run_forked, tmp_path, "backup", str(file), "--data-dir", data, **there))
            number = 0
            while not backup.done() or number < 50:
                await ada.insert(0, f"{number} ")
                await lin.insert(len(str(lin.text)), ".")
                await ada.answered()
                number += 1
            said = await backup
            assert said.returncode == 0, said.stderr
    finally:
        server.stop()
    again = run_forked(tmp_path, "backup", str(file), "--data-dir", data, **there)
    assert (again.returncode, "nothing is overwritten" in again.stderr) == (1, True)
    if kind == "sqlite":
        place = ["--data-dir", str(tmp_path / "other")]
    else:
        postgres: PostgresServer = request.getfixturevalue("postgres")
        place, name = ["--data-dir", str(tmp_path / "other")], postgres.create()
        there = {**there, "DATABASE_URL": postgres.url(name)}
    restored = run_forked(tmp_path, "restore", str(file), *place, **there)
    assert restored.returncode == 0, restored.stderr
    assert counts(restored.stdout) == counts(said.stdout)
    refused = run_forked(tmp_path, "restore", str(file), *place, **there)
    assert (refused.returncode, "nothing is overwritten" in refused.stderr) == (1, True)
    other = ServerProcess(tmp_path / "other", env=there)
    other.start()
    try:
        text = httpx.get(f"{other.url}/api/rooms/{room.id}/files/main", headers=bearer(room.host)).text
        assert "saved before\n" in text
        typed, _, dots = text.partition("saved before\n")
        assert (str(ada.text).partition("saved before\n")[0].endswith(typed), dots.strip(".")) == (True, ""), "as it was at one moment"
    finally:
        other.stop()
    checked = run_forked(tmp_path, "journal", "check", *place, **there)
    assert checked.stdout == "1 room sound.\n", checked.stderr


def test_what_is_no_backup_is_refused_and_makes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "letter"
    file.write_text("Dear Ada")
    refused = run_forked(tmp_path, "restore", str(file), "--data-dir", str(tmp_path / "data"))
    assert (refused.returncode, "no backup that fourhands made" in refused.stderr) == (1, True)
    assert not (tmp_path / "data" / "fourhands.db").exists()
    nothing = run_forked(tmp_path, "backup", str(tmp_path / "new"), "--data-dir", str(tmp_path / "data"))
    assert (nothing.returncode, "There is no database" in nothing.stderr) == (1, True)
    assert not (tmp_path / "new").exists()
