"""Which URLs are taken, where the file comes to lie, and who may read it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from fourhands.errors import InvalidRequest, Unavailable
from fourhands.model.room import Room
from fourhands.store.sql.store import SqlStore


@pytest.fixture
def generous_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("generous_umask")
async def test_files_and_their_new_folder_are_the_owners_alone(tmp_path: Path, room: Room) -> None:
    path = tmp_path / "new" / "rooms.db"
    store = SqlStore(f"sqlite:///{path}")
    await store.start()
    await store.create_room(room, None, [], [])
    assert mode(path.parent) == 0o700
    assert {file.name: mode(file) for file in path.parent.iterdir()} == dict.fromkeys(("rooms.db", "rooms.db-wal", "rooms.db-shm", "rooms.db.lock"), 0o600)
    await store.stop()
    assert [file.name for file in path.parent.iterdir()] == ["rooms.db"]


async def test_a_file_that_everybody_may_read_is_closed_to_the_world(path: Path) -> None:
    store = SqlStore(f"sqlite:///{path}")
    await store.start()
    await store.stop()
    path.chmod(0o664)
    await store.start()
    await store.stop()
    assert mode(path) == 0o660


async def test_an_empty_file_is_one_that_was_lost_and_no_new_one(path: Path) -> None:
    path.touch()
    with pytest.raises(Unavailable, match=r"is empty: what it held is lost\. Put a backup in its place; if it never held anything, remove it\."):
        await SqlStore(f"sqlite:///{path}").start()
    assert [(file.name, file.stat().st_size) for file in path.parent.iterdir()] == [(path.name, 0)]


async def test_a_first_start_that_was_cut_off_is_begun_again(path: Path, room: Room) -> None:
    for left in (".new", ".new-journal", ".new-wal"):
        path.with_name(path.name + left).write_bytes(b"half of something")
    store = SqlStore(f"sqlite:///{path}")
    await store.start()
    await store.create_room(room, None, [], [])
    await store.stop()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["with space & percent %41.db", "Ünï#?.db"])
async def test_odd_names_are_taken_as_they_are(tmp_path: Path, name: str, room: Room) -> None:
    store = SqlStore(f"sqlite:///{quote(str(tmp_path / name))}")
    await store.start()
    await store.create_room(room, None, [], [])
    await store.stop()
    assert [file.name for file in tmp_path.iterdir()] == [name]


async def test_a_relative_path_stays_where_it_was_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: Room) -> None:
    monkeypatch.chdir(tmp_path)
    store = SqlStore("sqlite:///rooms.db")
    monkeypatch.chdir("/")
    await store.start()
    await store.create_room(room, None, [], [])
    await store.stop()
    assert (tmp_path / "rooms.db").exists()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "rooms.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
        "sqlite:///x.db?mode=ro",
        "sqlite://host/x.db",
        "mysql://host/x",
    ],
)
def test_urls_that_keep_nothing_or_are_not_supported_are_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match="sqlite:///PATH"):
        SqlStore(url)


def test_a_refused_url_does_not_show_its_password() -> None:
    with pytest.raises(InvalidRequest) as caught:
        SqlStore("postgresql://ada:sesame@host/rooms")
    assert "sesame" not in str(caught.value)


async def test_a_path_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="cannot be made"):
        await SqlStore(f"sqlite:///{tmp_path}/file/rooms.db").start()
    with pytest.raises(Unavailable):
        await SqlStore(f"sqlite:///{tmp_path}").start()
