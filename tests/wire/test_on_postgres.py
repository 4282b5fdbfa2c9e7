"""A server whose rooms are in PostgreSQL, as people and operators see it: what is written, read back and erased; its database away
and back; two servers on one."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import postgres_server
from tests.house import until
from tests.postgres_server import MISSING, PostgresServer
from tests.server import ServerProcess
from tests.test_cli import run_forked
from tests.wire.client import Client, Room, bearer

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)
KEY = base64.b64encode(bytes([9]) * 32).decode()
SECRET = "hunter2-as-it-was-pasted"


@pytest.fixture
def env(postgres_url: str) -> dict[str, str]:
    return {"DATABASE_URL": postgres_url, "FOURHANDS_ENCRYPTION_KEYS": KEY, "FOURHANDS_FOLD_SECONDS": "0.2"}


@pytest.fixture
def server(tmp_path: Path, env: dict[str, str]) -> Iterator[ServerProcess]:
    made = ServerProcess(tmp_path / "data", env=env)
    made.start()
    yield made
    made.stop()


def dumped(postgres: PostgresServer, url: str) -> bytes:
    """Every row of every table as text, and what is packed or sealed in it as bytes."""
    name = url.rpartition("/")[2]
    tables = postgres.sql("SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'", name).split()
    rows = "\n".join(postgres.sql(f'SELECT * FROM "{table}"', name) for table in tables)
    return rows.encode() + b"".join(bytes.fromhex(word[2:]) for word in rows.replace("|", " ").split() if word.startswith("\\x"))


async def test_a_room_is_written_kept_over_a_kill_shown_again_and_erased_from(
    server: ServerProcess, tmp_path: Path, env: dict[str, str], postgres: PostgresServer
) -> None:
    room = Room.open(server.url, title="Two sum in Lisbon")
    async with Client(server.url, room.id, room.host) as ada, Client(server.url, room.id, room.join("Lin")) as lin:
        await ada.insert(0, "print('four hands')\n")
        await lin.until_text("print('four hands')\n")
        await lin.insert(0, f"# {SECRET}\n")
        await lin.until_saved()
        await ada.say("chat", text="hello there")
        await lin.event("chat")
    server.kill()
    server.start()

    def ask(method: str, path: str = "", **body: object) -> httpx.Response:
        return httpx.request(method, f"{server.url}/api/rooms/{room.id}{path}", headers=bearer(room.host), json=body or None)

    assert ask("GET").json()["title"] == "Two sum in Lisbon"
    assert {"edit", "chat"} <= {one["kind"] for one in ask("GET", "/history").json()["events"]}
    assert ask("POST", "/erasures", text=SECRET).json()["clean"] is False, "the database's own log has it until it is written over"
    assert SECRET not in ask("GET", "/files/main").text
    assert SECRET not in ask("GET", "/export?format=md").text
    kept = dumped(postgres, env["DATABASE_URL"])
    assert not [word for word in (SECRET, "Lisbon", "four hands", "hello there", "Lin\n") if word.encode() in kept]
    lines = [json.loads(line) for line in run_forked(tmp_path, "journal", "export", room.id, **env).stdout.splitlines()]
    assert lines[-1]["type"] == "end"
    assert run_forked(tmp_path, "journal", "check", **env).stdout == "1 room sound.\n", "beside a server that runs"
    assert run_forked(tmp_path, "journal", "compact", "--vacuum", **env).returncode == 0
    assert postgres.password not in run_forked(tmp_path, "settings", **env).stdout


async def test_accounts_are_kept(server: ServerProcess) -> None:
    body = {"login": "ada", "password": "correct horse battery", "tokens": "body"}
    made = httpx.post(f"{server.url}/api/accounts", json=body)
    assert made.status_code == 201
    room = httpx.post(f"{server.url}/api/rooms", json={"title": "Mine"}, headers=bearer(made.json()["access_token"])).json()
    server.kill()
    server.start()
    again = httpx.post(f"{server.url}/api/login", json=body)
    assert again.status_code == 200
    listed = httpx.get(f"{server.url}/api/me/rooms", headers=bearer(again.json()["access_token"]))
    assert room["id"] in listed.text
    assert httpx.post(f"{server.url}/api/accounts", json=body).status_code == 409


async def test_two_servers_may_have_one_database(server: ServerProcess, tmp_path: Path, env: dict[str, str]) -> None:
    other = ServerProcess(tmp_path / "data", env=env)
    other.start()
    try:
        room = Room.open(server.url)
        assert httpx.get(f"{other.url}/api/rooms/{room.id}", headers=bearer(room.host)).status_code == 200
    finally:
        other.stop()


async def test_people_write_on_while_the_database_is_away_and_all_is_committed_when_it_is_back(tmp_path: Path) -> None:
    with postgres_server.running() as database:
        server = ServerProcess(tmp_path / "data", env={"DATABASE_URL": database.url(), "FOURHANDS_DATABASE_TIMEOUT_SECONDS": "20"})
        server.start()
        try:
            room = Room.open(server.url)
            async with Client(server.url, room.id, room.host) as ada, Client(server.url, room.id, room.join("Lin")) as lin:
                await ada.insert(0, "before ")
                await ada.until_saved()
                database.kill()
                await ada.insert(7, "while it is away ")
                await lin.until_text("before while it is away ")
                await ada.event("room.storage", ok=False)
                assert ada.saved < ada.sent
                await lin.insert(0, "> ")
                await ada.until_text("> before while it is away ")
                database.start()
                await ada.until_saved()
                await lin.until_saved()
            server.kill()
            server.start()
            shown = httpx.get(f"{server.url}/api/rooms/{room.id}/files/main", headers=bearer(room.host))
            assert shown.text == "> before while it is away "
        finally:
            server.stop()


async def test_a_server_that_cannot_reach_its_database_says_how_to_mend_it(tmp_path: Path, postgres: PostgresServer) -> None:
    said = run_forked(tmp_path, "serve", "--port", "0", "--data-dir", str(tmp_path), DATABASE_URL=postgres.url("missing"))
    assert said.returncode == 1
    assert "has no such database: make it (createdb NAME)" in said.stderr
    assert postgres.password not in said.stderr + said.stdout
    await until(lambda: "missing" in postgres.log)
