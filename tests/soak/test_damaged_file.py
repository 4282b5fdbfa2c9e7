"""A damaged database file is refused with a sentence, or the room that it damaged is; it is never taken for an empty room, nor written over."""

import contextlib
import hashlib
import random
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.server import ServerProcess
from tests.soak.conftest import Share, StartServer
from tests.soak.ledger import Ledger
from tests.wire.client import Client, Room

FILE, LOG, INDEX = "fourhands.db", "fourhands.db-wal", "fourhands.db-shm"
DAMAGES = 80  # a round
READ_THROUGH_BYTES = 32 * 1024 * 1024  # files larger than this are not read through at every start


@dataclass
class Kept:
    """A folder in which a server has kept a few rooms, and what is in them."""

    folder: Path
    rooms: list[tuple[Room, str]]

    def copy(self, folder: Path) -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        return folder


@pytest.fixture
async def kept(start_server: StartServer, chance: random.Random) -> Kept:
    """Rooms with many small edits, and some with large ones."""
    server, ledger = start_server(commit_milliseconds=0, fold_seconds=0.3), Ledger()
    rooms: list[tuple[Room, str]] = []
    for number in range(4):
        room = Room.open(server.url)
        async with Client(server.url, room.id, room.host) as ada:
            for _ in range(40):
                await ada.insert(0, ledger.type(1 if number % 2 else chance.randrange(1, 60)))
            await ada.say("chat", text="hello")
            await ada.event("chat")
            await ada.until_saved()
            rooms.append((room, str(ada.text)))
    server.stop()
    assert sorted(path.name for path in server.data_dir.iterdir()) == [FILE, "secret"], "after a stop all is in one file"
    return Kept(server.data_dir, rooms)


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def refuses(server: ServerProcess) -> bool:
    """Whether it ends at once with a sentence; then the file is as it was."""
    file = server.data_dir / FILE
    before = digest(file) if file.is_file() else ""
    try:
        server.start()
    except AssertionError:
        assert "database" in server.log, f"no sentence:\n{server.log}"
        assert "Traceback" not in server.log, f"no sentence:\n{server.log}"
        assert (digest(file) if file.is_file() else "") == before, "the file that was refused was written to"
        return True
    return False


async def holds_what_it_says(server: ServerProcess, kept: Kept, damage: str) -> None:
    """Each room is whole, or it is not opened."""
    for room, text in kept.rooms:
        async with Client(server.url, room.id, room.host) as ada:
            if ada.closed is None:
                assert str(ada.text) == text, f"{len(str(ada.text))} characters instead of {len(text)} after {damage}"
            else:
                assert ada.closed in {4401, 4404, 4503}, f"closed with {ada.closed} after {damage}"


@pytest.mark.rounds(10)
async def test_damage_anywhere_in_the_file(kept: Kept, start_server: StartServer, chance: random.Random, share: Share, tmp_path: Path) -> None:
    for _ in range(share(DAMAGES)):
        folder = kept.copy(tmp_path / "damaged")
        content = bytearray((folder / FILE).read_bytes())
        page = chance.randrange(len(content) // 4096) * 4096
        match damage := chance.choice(["header", "page zeroed", "page of noise", "page of another place", "truncated", "bytes"]):
            case "header":
                content[: chance.randrange(16, 100)] = chance.randbytes(100)
            case "page zeroed":
                content[page : page + 4096] = bytes(4096)
            case "page of noise":
                content[page : page + 4096] = chance.randbytes(4096)
            case "page of another place":
                other = chance.randrange(len(content) // 4096) * 4096
                content[page : page + 4096] = content[other : other + 4096]
            case "truncated":
                del content[chance.randrange(1, len(content)) :]
            case _:
                at = chance.randrange(len(content))
                content[at : at + 8] = chance.randbytes(8)
        (folder / FILE).write_bytes(content)
        server = start_server(data_dir=folder, listen=False)
        if not refuses(server):
            await holds_what_it_says(server, kept, f"{damage} (page {page // 4096})")
        server.kill()


@pytest.mark.rounds(10)
async def test_damage_in_a_file_too_large_to_be_read_through(
    kept: Kept, start_server: StartServer, chance: random.Random, share: Share, tmp_path: Path
) -> None:
    with contextlib.closing(sqlite3.connect(kept.folder / FILE, isolation_level=None)) as database:
        database.execute("CREATE TABLE filler (data BLOB)")
        database.execute("INSERT INTO filler VALUES (zeroblob(?))", (READ_THROUGH_BYTES,))
        database.execute("DROP TABLE filler")  # its pages stay in the file, unused
    for path in (LOG, INDEX):
        (kept.folder / path).unlink(missing_ok=True)
    used = READ_THROUGH_BYTES and (kept.folder / FILE).stat().st_size - READ_THROUGH_BYTES
    assert used > 0
    for _ in range(share(DAMAGES)):
        folder = kept.copy(tmp_path / "damaged")
        with (folder / FILE).open("r+b") as file:
            file.seek(chance.randrange(1, used // 4096) * 4096)
            file.write(chance.choice([bytes(4096), chance.randbytes(4096)]))
        server = start_server(data_dir=folder, listen=False)
        if not refuses(server):
            await holds_what_it_says(server, kept, "damage to a page")
        server.kill()


@pytest.mark.rounds(1)
async def test_what_is_no_database_of_ours_is_refused_and_left_as_it_is(kept: Kept, start_server: StartServer, chance: random.Random, tmp_path: Path) -> None:
    def refused(name: str) -> None:
        assert refuses(start_server(data_dir=folder, listen=False)), f"taken for a database: {name}"

    folder = kept.copy(tmp_path / "other")
    (folder / FILE).write_bytes(b"\x89PNG\r\n\x1a\n" + chance.randbytes(20_000))
    refused("a picture")
    (folder / FILE).write_bytes(b"This is a letter. " * 500)
    refused("a text")
    (folder / FILE).write_bytes(b"x")
    refused("one byte")
    (folder / FILE).write_bytes(b"")
    refused("nothing at all")
    (folder / FILE).unlink()
    (folder / FILE).mkdir()
    refused("a folder")
    (folder / FILE).rmdir()
    for table in ("bookmarks (url TEXT)", "rooms (number INTEGER, beds INTEGER)", "alembic_version (version_num TEXT)"):
        (folder / FILE).unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(folder / FILE, isolation_level=None)) as other:
            other.execute(f"CREATE TABLE {table}")
            if "alembic" in table:
                other.execute("INSERT INTO alembic_version VALUES ('6f1a')")
        refused(f"another program's database ({table})")


@pytest.mark.rounds(1)
async def test_a_file_that_is_missing_or_empty_beside_its_log_is_refused(start_server: StartServer, seed: int, tmp_path: Path) -> None:
    del seed
    server = start_server()
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.insert(0, "kept")
        await ada.until_saved()
    server.kill()
    whole = Kept(server.data_dir, [(room, "kept")])
    for harm in ("empty", "missing", "shorter than a page"):
        folder = whole.copy(tmp_path / "harmed")
        match harm:
            case "empty":
                (folder / FILE).write_bytes(b"")
            case "missing":
                (folder / FILE).unlink()
            case _:
                (folder / FILE).write_bytes((folder / FILE).read_bytes()[:1000])
        log = digest(folder / LOG)
        again = start_server(data_dir=folder, listen=False)
        if not refuses(again):
            assert harm == "shorter than a page", f"a file that is {harm} was taken for a new one"
            await holds_what_it_says(again, whole, harm)
        else:
            assert digest(folder / LOG) == log, "the log of a file that was refused was written to"
        again.kill()
