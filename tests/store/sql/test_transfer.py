"""All rows out and in again: between both databases, with what each keeps in its own way. The commands' tests do it under load."""

from pathlib import Path

import pytest

from fourhands.errors import InvalidRequest, Unavailable
from fourhands.model.audit import Noted, Who
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.role import Role
from fourhands.model.room import Invite, Member, Room
from fourhands.store.sql import schema, transfer
from fourhands.store.sql.archive import FORMAT, Archive, ArchiveWriter, Header
from fourhands.store.sql.postgres_store import PostgresStore
from fourhands.store.sql.store import SqlStore
from tests.postgres_server import MISSING, PostgresServer


async def write(store: SqlStore | PostgresStore, room: Room) -> None:
    ada = Member("ada", room.id, "Ada 林", "#c2410c", Role.HOST, 1)
    await store.create_room(room, ada, [Invite(room.id, Role.VIEWER, "key")], [Entry(EntryKind.EDIT, bytes(range(256)), 3, "ada")])
    for number in range(200):
        await store.commit({room.id: [Entry(EntryKind.CHAT, b"{}", number, "ada")]})
        await store.audit.add(Noted("room.opened", Who("member", "ada", "Ada", "::1"), number, room.id))


async def dump(store: SqlStore | PostgresStore, path: Path) -> None:
    with ArchiveWriter(path, Header(FORMAT, "0", schema.HEAD, "", 0)) as out:
        await store.read_all(lambda connection: transfer.dump(connection, out))


async def test_sqlite_to_itself_with_what_its_log_alone_has(quick_dir: Path, room: Room) -> None:
    store, archive = SqlStore(f"sqlite:///{quick_dir / 'a.db'}", fold_seconds=600), quick_dir / "backup"
    await store.start()
    await write(store, room)
    before = [entry async for entry in _entries(store, room)]
    await dump(store, archive)
    await store.stop()
    other = SqlStore(f"sqlite:///{quick_dir / 'b.db'}")
    await other.fill(Archive(archive))
    with pytest.raises(InvalidRequest, match="is there already"):
        await other.fill(Archive(archive))
    await other.start()
    assert [entry async for entry in _entries(other, room)] == before
    assert await other.faults(room.id) == []
    await other.stop()


async def _entries(store: SqlStore | PostgresStore, room: Room):
    for entry in await store.entries(room.id, 0, 9_999):
        yield entry


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
async def test_sqlite_to_postgresql_and_back_is_the_same(quick_dir: Path, room: Room, postgres_url: str) -> None:
    store = SqlStore(f"sqlite:///{quick_dir / 'a.db'}", fold_seconds=600)
    await store.start()
    await write(store, room)
    await dump(store, quick_dir / "unfolded")
    await store.fold()
    await dump(store, quick_dir / "there")
    sums = await store.read_all(transfer.sums)
    await store.stop()
    there = PostgresStore(postgres_url)
    with pytest.raises(InvalidRequest, match="made while its server ran"):
        await there.fill(Archive(quick_dir / "unfolded"))
    await there.fill(Archive(quick_dir / "there"))
    with pytest.raises(InvalidRequest, match="is not empty"):
        await there.fill(Archive(quick_dir / "there"))
    await there.start()
    assert await there.read_all(transfer.sums) == sums
    assert await there.faults(room.id) == []
    await there.audit.add(Noted("room.ended", Who("member", "ada", "Ada", "::1"), 1, room.id))
    assert [one.what for one in await there.audit.newest(1)] == ["room.ended"], "ids go on"
    await dump(there, quick_dir / "back")
    sums = await there.read_all(transfer.sums)
    await there.stop()
    back = SqlStore(f"sqlite:///{quick_dir / 'b.db'}")
    await back.fill(Archive(quick_dir / "back"))
    await back.start()
    assert await back.read_all(transfer.sums) == sums
    await back.stop()


OLDER = "0007"
COLUMNS = ["id", "title", "language", "guest_role", "ephemeral", "epoch", "created_at_ms", "last_used_at_ms", "head"]
DOORS = ["run_role", "lobby", "locked", "read_only"]


def an_older(path: Path, room: Room, revision: str) -> Archive:
    """A backup with one room, as version 0007 would have made it."""
    with ArchiveWriter(path, Header(FORMAT, "0", revision, "sqlite", 0)) as out:
        out.table("rooms", [*COLUMNS, *DOORS])
        out.rows([(room.id, b"Kept", "python", "editor", False, "e1", 1, 1, 0, "editor", False, False, False)])
    return Archive(path)


async def test_a_backup_of_an_older_schema_is_brought_to_the_newest(quick_dir: Path, room: Room) -> None:
    other = SqlStore(f"sqlite:///{quick_dir / 'b.db'}")
    await other.fill(an_older(quick_dir / "older", room, OLDER))
    await other.start()
    found = await other.room(room.id)
    assert found is not None
    assert (found.title, await other.read_all(schema.revision)) == ("Kept", schema.HEAD)
    await other.stop()


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
async def test_so_is_it_on_postgresql(quick_dir: Path, room: Room, postgres: PostgresServer) -> None:
    name = postgres.create()
    other = PostgresStore(postgres.url(name))
    await other.fill(an_older(quick_dir / "older", room, OLDER))
    await other.start()
    found = await other.room(room.id)
    await other.stop()
    postgres.drop(name)
    assert found is not None
    assert found.title == "Kept"


async def test_a_backup_of_a_newer_schema_is_refused_and_leaves_nothing(quick_dir: Path, room: Room) -> None:
    other = SqlStore(f"sqlite:///{quick_dir / 'b.db'}")
    with pytest.raises(Unavailable, match="schema 9999"):
        await other.fill(an_older(quick_dir / "newer", room, "9999"))
    assert [path.name for path in quick_dir.iterdir()] == ["newer"]
