"""`fourhands journal`, as an operator types it: beside a server that runs, and without one."""

import base64
import json
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from pycrdt import Doc, Text

from fourhands.model.entry import Entry, EntryKind
from fourhands.settings import Settings
from fourhands.upkeep import opened
from tests.server import ServerProcess
from tests.test_cli import run_forked as run
from tests.wire.client import Client, Room, bearer

KEY, OTHER_KEY = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
Json = dict[str, Any]


class Desk:
    """A server over a folder, with a room that somebody has written in, and the command beside it."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.server = ServerProcess(self.data, env=env)
        self.env = env
        self.text = ""
        self.room: Room

    async def write(self, words: int = 5) -> None:
        self.server.start()
        self.room = Room.open(self.server.url, title="Two sum")
        async with Client(self.server.url, self.room.id, self.room.host) as ada:
            for number in range(words):
                await ada.insert(len(str(ada.text)), f"word {number}\n")
                await ada.until_saved()
            await ada.say("chat", text="hello there")
            await ada.event("chat")
            self.text = str(ada.text)

    def journal(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return run(self.folder, "journal", *words, "--data-dir", str(self.data), **{**self.env, **env})

    def export(self, **env: str) -> list[Json]:
        said = self.journal("export", self.room.id, **env)
        assert said.returncode == 0, said.stderr
        return [json.loads(line) for line in said.stdout.splitlines()]

    def change(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.data / "fourhands.db")) as connection, connection:
            for statement in statements:
                connection.execute(statement)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(tmp_path)
    await made.write()
    yield made
    made.server.stop()


def text_of(lines: list[Json]) -> str:
    document: Doc[Any] = Doc()
    for line in lines:
        if line["type"] == "event" and line["kind"] == "edit":
            document.apply_update(base64.b64decode(line["data"]["update"]))
    return str(document.get("file:main", type=Text))


class TestCheck:
    async def test_all_is_well_beside_a_server_and_without_one(self, desk: Desk) -> None:
        for _ in range(2):
            said = desk.journal("check")
            assert (said.returncode, said.stdout, said.stderr) == (0, "1 room sound.\n", "")
            desk.server.stop()
        said = desk.journal("check", desk.room.id)
        assert (said.returncode, said.stdout) == (0, "1 room sound.\n")

    async def test_what_was_not_folded_yet_is_checked_too(self, desk: Desk) -> None:
        desk.server.kill()
        assert desk.journal("check").returncode == 0
        assert text_of(desk.export()) == desk.text

    @pytest.mark.parametrize(
        ("statement", "sentence"),
        [
            ("DELETE FROM blocks WHERE last = (SELECT max(last) FROM blocks)", "position"),
            ("DELETE FROM journal", "position"),
            ("UPDATE blocks SET payload = CAST('x' AS BLOB)", "damaged"),
            ("UPDATE blocks SET payload = substr(payload, 1, length(payload) - 3)", "damaged"),
            ("INSERT INTO snapshots SELECT room_id, last, until_ms, CAST('x' AS BLOB), NULL FROM blocks LIMIT 1", "snapshot"),
            ("INSERT INTO log (payload) VALUES (CAST('x' AS BLOB))", "log"),
        ],
    )
    async def test_each_defect_is_a_sentence_and_the_command_fails(self, desk: Desk, statement: str, sentence: str) -> None:
        desk.server.stop()
        desk.change(statement)
        said = desk.journal("check")
        assert said.returncode == 1, said.stdout
        assert sentence in (said.stdout + said.stderr).lower()

    async def test_a_damaged_file_is_refused(self, desk: Desk) -> None:
        desk.server.stop()
        path = desk.data / "fourhands.db"
        path.write_bytes(path.read_bytes()[:5000])
        said = desk.journal("check")
        assert (said.returncode, said.stdout) == (1, "")
        assert "damaged" in said.stderr

    async def test_a_newer_database_is_refused(self, desk: Desk) -> None:
        desk.server.stop()
        desk.change("UPDATE alembic_version SET version_num = '9999'")
        for command in (("check",), ("compact",), ("export", desk.room.id)):
            said = desk.journal(*command)
            assert (said.returncode, said.stdout) == (1, "")
            assert "version of fourhands" in said.stderr

    def test_no_database_is_said_and_none_is_made(self, tmp_path: Path) -> None:
        for command in (("check",), ("compact",), ("export", "aaaa-bbbb-cccc")):
            said = run(tmp_path, "journal", *command, "--data-dir", str(tmp_path / "typo"))
            assert said.returncode == 1
            assert "There is no database at" in said.stderr
        assert not (tmp_path / "typo").exists()

    async def test_a_room_that_is_not_there_is_said(self, desk: Desk) -> None:
        for command in ("check", "export"):
            said = desk.journal(command, "aaaa-bbbb-cccc")
            assert said.returncode == 1
            assert "There is no room aaaa-bbbb-cccc" in said.stderr


class TestCompact:
    async def test_a_server_that_runs_keeps_it_to_itself(self, desk: Desk) -> None:
        said = desk.journal("compact")
        assert said.returncode == 1
        assert "server" in said.stderr and "stop" in said.stderr

    async def test_all_history_is_there_afterwards(self, desk: Desk) -> None:
        before = desk.export()
        desk.server.stop()
        said = desk.journal("compact", "--vacuum")
        assert said.returncode == 0, said.stderr
        assert said.stdout.startswith("1 room: ") and "bytes before" in said.stdout
        assert [line for line in desk.export() if line["type"] != "room"] == [line for line in before if line["type"] != "room"]
        assert desk.journal("check").returncode == 0
        desk.server.start()
        shown = httpx.get(f"{desk.server.url}/api/rooms/{desk.room.id}/files/main", headers=bearer(desk.room.host))
        assert shown.text == desk.text

    async def test_blocks_are_merged_and_the_file_shrinks(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, FOURHANDS_FOLD_SECONDS="0.05")
        await desk.write(40)
        desk.server.stop()
        with closing(sqlite3.connect(desk.data / "fourhands.db")) as connection:
            count = connection.execute("SELECT count(*) FROM blocks").fetchone()[0]
        assert desk.journal("compact").returncode == 0
        with closing(sqlite3.connect(desk.data / "fourhands.db")) as connection:
            assert connection.execute("SELECT count(*) FROM blocks").fetchone()[0] < count


class TestExport:
    async def test_lines_of_json_that_rebuild_the_room(self, desk: Desk) -> None:
        lines = desk.export()
        assert [line["type"] for line in lines] == ["room", "member", *["event"] * (len(lines) - 3), "end"]
        room, member, end = lines[0], lines[1], lines[-1]
        assert (room["format"], room["id"], room["title"], room["language"]) == (1, desk.room.id, "Two sum", "python")
        assert (member["name"], member["role"], end["events"]) == ("Ada", "host", len(lines) - 3)
        assert [line["position"] for line in lines[2:-1]] == list(range(1, len(lines) - 2))
        assert text_of(lines) == desk.text

    async def test_events_are_those_of_the_history(self, desk: Desk) -> None:
        told = httpx.get(f"{desk.server.url}/api/rooms/{desk.room.id}/history", headers=bearer(desk.room.host)).json()["events"]
        assert [{name: value for name, value in line.items() if name != "type"} for line in desk.export() if line["type"] == "event"] == told

    async def test_the_text_alone(self, desk: Desk) -> None:
        said = desk.journal("export", desk.room.id, "--text")
        assert (said.returncode, said.stdout) == (0, desk.text)

    async def test_into_a_file_which_stays_if_there_is_no_such_room(self, desk: Desk) -> None:
        path = desk.folder / "room.jsonl"
        assert desk.journal("export", desk.room.id, "-o", str(path)).stdout == ""
        before = path.read_text("utf-8")
        assert json.loads(before.splitlines()[-1])["type"] == "end"
        assert desk.journal("export", "aaaa-bbbb-cccc", "-o", str(path)).returncode == 1
        assert path.read_text("utf-8") == before
        missing = desk.journal("export", desk.room.id, "-o", str(desk.folder / "nowhere" / "x"))
        assert missing.returncode == 1 and "nowhere" in missing.stderr

    async def test_an_ended_room_has_nothing_left(self, desk: Desk) -> None:
        httpx.delete(f"{desk.server.url}/api/rooms/{desk.room.id}", headers=bearer(desk.room.host))
        for words in ((), ("--text",)):
            said = desk.journal("export", desk.room.id, *words)
            assert said.returncode == 1
            assert "has ended" in said.stderr


class TestEncryption:
    async def test_turned_on_rotated_and_sealed_to_the_last_row(self, desk: Desk) -> None:
        before = desk.export()
        desk.server.stop()
        shutil.copytree(desk.data, desk.folder / "plain")
        assert desk.journal("compact", "--reseal", "--vacuum", FOURHANDS_ENCRYPTION_KEYS=KEY).stdout.endswith("encrypted.\n")
        with_key = {"FOURHANDS_ENCRYPTION_KEYS": KEY}
        kept = b"".join(path.read_bytes() for path in desk.data.iterdir())
        for secret in (b"Two sum", b"hello there", b"Ada", b"word 3"):
            assert secret not in kept, secret
        assert [line for line in desk.export(**with_key) if line["type"] != "room"] == [line for line in before if line["type"] != "room"]
        assert desk.journal("check", **with_key).stdout == "1 room sound.\n"
        assert desk.journal("compact", FOURHANDS_ENCRYPTION_KEYS=f"{OTHER_KEY},{KEY}").returncode == 0, "a start wraps keys again"
        assert text_of(desk.export(FOURHANDS_ENCRYPTION_KEYS=OTHER_KEY)) == desk.text
        for keys in ("", KEY):
            for command in (("check",), ("compact",), ("export", desk.room.id)):
                said = desk.journal(*command, FOURHANDS_ENCRYPTION_KEYS=keys)
                assert said.returncode == 1
                assert "FOURHANDS_ENCRYPTION_KEYS" in said.stderr

    async def test_a_server_without_the_key_does_not_start(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, FOURHANDS_ENCRYPTION_KEYS=KEY)
        await desk.write()
        desk.server.stop()
        for keys in ("", OTHER_KEY):
            said = run(tmp_path, "serve", "--port", "0", "--data-dir", str(desk.data), FOURHANDS_ENCRYPTION_KEYS=keys)
            assert said.returncode == 1
            assert "FOURHANDS_ENCRYPTION_KEYS" in said.stderr
        assert text_of(desk.export()) == desk.text

    @pytest.mark.parametrize("keys", ["c2hvcnQ=", f"{KEY},nonsense"])
    def test_a_key_that_is_none_is_refused_and_not_shown(self, tmp_path: Path, keys: str) -> None:
        said = run(tmp_path, "serve", "--port", "0", "--data-dir", str(tmp_path), FOURHANDS_ENCRYPTION_KEYS=keys)
        assert said.returncode == 1
        assert "32 bytes in base64" in said.stderr
        assert keys.rpartition(",")[2] not in said.stderr


async def test_a_room_with_too_many_edits_that_cannot_be_replayed_opens_once_its_operator_says_so(desk: Desk) -> None:
    desk.server.stop()
    async with opened(Settings(data_dir=desk.data), beside=False) as store:
        await store.commit({desk.room.id: [Entry(EntryKind.EDIT, b"\x07rubbish", 1) for _ in range(3)]})
    desk.env["FOURHANDS_EDITS_SET_ASIDE"] = "2"
    said = desk.journal("check")
    assert (said.returncode, said.stdout.count("cannot be applied.")) == (1, 3)
    assert "FOURHANDS_EDITS_SET_ASIDE (2)" in said.stdout
    desk.server = ServerProcess(desk.data, env=desk.env)
    desk.server.start()
    async with Client(desk.server.url, desk.room.id, desk.room.host) as ada:
        assert await ada.until_closed() == 4503
    desk.server.stop()
    desk.env["FOURHANDS_EDITS_SET_ASIDE"] = "3"  # `desk.server` shares it
    desk.server.start()
    async with Client(desk.server.url, desk.room.id, desk.room.host) as ada:
        await ada.until_text(desk.text)
        await ada.insert(0, "on ")
        await ada.until_saved()
    assert desk.journal("export", desk.room.id, "--text").stdout.count("word") == 5
