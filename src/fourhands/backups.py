"""What an operator does with the database as a whole: look at it, bring it up, back it up, restore it, bring it to PostgreSQL. Called by the commands alone."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from time import time
from urllib.parse import quote

from fourhands import __version__
from fourhands.errors import InvalidRequest
from fourhands.kept_secrets import load_encryption_keys
from fourhands.room.verify import faults
from fourhands.settings import Settings
from fourhands.storage import AnyStore, make_store
from fourhands.store.sql import archive, schema, transfer
from fourhands.store.sql.archive import Archive, ArchiveWriter, Header, Sums
from fourhands.store.sql.postgres_url import names_postgres
from fourhands.upkeep import opened, rooms


async def backup(settings: Settings, path: Path) -> Sums:
    """Write all that is in the database to a new file, as it is at one moment; a server may be running. How many rows of what.

    Raises `InvalidRequest` if the file is there, and `Unavailable`.
    """
    async with opened(settings, beside=True) as store:
        return await _write(settings, store, path)


async def _write(settings: Settings, store: AnyStore, path: Path) -> Sums:
    kind = "postgresql" if names_postgres(settings.database) else "sqlite"
    with ArchiveWriter(path, Header(archive.FORMAT, __version__, schema.HEAD, kind, int(time() * 1000))) as out:
        await store.read_all(lambda connection: transfer.dump(connection, out))
        return out.sums


async def restore(settings: Settings, path: Path) -> Sums:
    """Put a backup into a database that is empty, or not there yet: all of it, or nothing. Raises `InvalidRequest`, `Unavailable`."""
    source = Archive(path)
    told = source.check()
    load_encryption_keys(settings)  # what is wrong with them is said before anything is written
    await make_store(settings).fill(source)
    return told


async def copy(settings: Settings, source: Path) -> AsyncIterator[str]:
    """Bring what a SQLite file holds to the PostgreSQL of the settings, and look whether it is the same: a line for each step.

    No server may work with the file. Raises `InvalidRequest`, also if the database there is not empty, and `Unavailable`.
    """
    if not names_postgres(settings.database):
        raise InvalidRequest("Name the PostgreSQL to bring the rooms to in DATABASE_URL: postgresql://USER:PASSWORD@HOST/NAME.")
    old = settings.model_copy(update={"database_url": f"sqlite:///{quote(str(source))}", "database_read_url": ""})
    async with opened(old, beside=False) as store:  # nobody writes there any more
        with tempfile.TemporaryDirectory(prefix="fourhands-copy-", dir=source.parent) as folder:
            whole = Path(folder) / "all"
            before = await _write(old, store, whole)
            yield f"{sum(count for count, _ in before.values()):,} rows read from {source}."
            await make_store(settings).fill(Archive(whole))
    async with opened(settings, beside=True) as store:
        if wrong := archive.differences(before, await store.read_all(transfer.sums)):
            raise InvalidRequest(" ".join(wrong))
        yield "Each row is in PostgreSQL as it was."
        count = 0
        async for room_id in rooms(store, []):
            count += 1
            for fault in await faults(store, room_id, settings.edits_set_aside):
                yield f"{room_id}: {fault}"
        yield f"{count:,} rooms opened there. Start the server with this DATABASE_URL; {source} is as it was, and not needed any more."


async def check(settings: Settings) -> AsyncIterator[tuple[str, bool]]:
    """Lines about the database, each with whether it is well. Changes nothing. Raises what makes it unusable."""
    async with opened(settings, beside=True) as store:
        yield f"{await store.about()}, schema {schema.HEAD}, {await store.size_bytes():,} bytes.", True
        for fault in await store.file_faults():
            yield fault, False
        if (far := await store.about_far()) is not None:
            yield far


async def upgrade(settings: Settings) -> str:
    """Bring the schema to this version's; made if there is none. Raises `Unavailable`."""
    store = make_store(settings)
    await store.start()
    try:
        return f"{await store.about()}: schema {schema.HEAD}."
    finally:
        await store.stop()
