"""What an operator does to the journal: check it, make it smaller, write it out; and the audit log. Called by the commands alone.

Checking and writing out read beside a running server. Making it smaller needs a SQLite database for itself: a server keeps
what it knows of it in memory, and folds and merges by itself. On PostgreSQL servers may go on.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec

from fourhands import __version__
from fourhands.actions.read_history import told
from fourhands.errors import Gone, NotFound
from fourhands.model.limits import Limits
from fourhands.model.room import File, Member, Room
from fourhands.room.checkpoints import Checkpoints
from fourhands.room.restoring import restore
from fourhands.room.verify import faults
from fourhands.settings import Settings
from fourhands.storage import AnyStore, make_store
from fourhands.store.protection import AuditWanted

ROOMS_AT_ONCE = 500
EVENTS_AT_ONCE = 1000
FORMAT = 1
"""Of the lines that `export` writes; a later version that writes others counts on, and still reads these."""


@asynccontextmanager
async def opened(settings: Settings, *, beside: bool) -> AsyncGenerator[AnyStore]:
    """The store, started. Raises `Unavailable` or `InvalidRequest` with a sentence."""
    store = make_store(settings, beside=beside)
    store.require_file()
    await store.start()
    try:
        yield store
    finally:
        await store.stop()


async def rooms(store: AnyStore, wanted: Sequence[str]) -> AsyncIterator[str]:
    """The rooms of those ids, or all. Raises `NotFound`."""
    for room_id in wanted:
        if await store.room(room_id) is None:
            raise NotFound(f"There is no room {room_id} in this database.")
        yield room_id
    after: str | None = None if wanted else ""
    while after is not None:
        found = await store.room_ids(after, ROOMS_AT_ONCE)
        for room_id in found:
            yield room_id
        after = found[-1] if found else None


# ---- check ---------------------------------------------------------------------------------------------------------


async def check(settings: Settings, wanted: Sequence[str]) -> AsyncIterator[tuple[str, Sequence[str]]]:
    """For each room its faults, a sentence each, none if it is sound; what is wrong with the file itself under the name ""."""
    async with opened(settings, beside=True) as store:
        if wrong := await store.file_faults():
            yield "", wrong
        async for room_id in rooms(store, wanted):
            yield room_id, await faults(store, room_id, settings.edits_set_aside)


# ---- compact -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Compacted:
    """What it came to, in bytes of the database's files."""

    rooms: int = 0
    before: int = 0
    after: int = 0
    sealed: int = 0
    snapshots: int = 0


async def compact(settings: Settings, wanted: Sequence[str], *, reseal: bool, vacuum: bool) -> Compacted:
    """Merge blocks; make the snapshots that are missing; seal what was written before encryption was on; give back free pages.

    Raises `Unavailable` while a server works with the database, if that is SQLite; on PostgreSQL they may.
    """
    done = Compacted()
    async with opened(settings, beside=False) as store:
        done.before = await store.size_bytes()
        async for room_id in rooms(store, wanted):
            while reseal and (sealed := await store.seal_rows(room_id)):
                done.sealed += sealed
            done.snapshots += await Checkpoints(store, _no_rest).fill(room_id)
            while await store.compact(room_id):
                pass
            done.rooms += 1
        if vacuum:
            await store.vacuum()
    async with opened(settings, beside=True) as store:  # SQLite brings its log into the file when it is closed
        done.after = await store.size_bytes()
    return done


async def _no_rest(_seconds: float) -> None:
    """Nobody else needs the processor: the server is stopped."""


# ---- export --------------------------------------------------------------------------------------------------------


async def export(settings: Settings, room_id: str) -> AsyncIterator[str]:
    """A room's whole history as lines of JSON, the last of which says how many events there were."""
    async with opened(settings, beside=True) as store:
        room = await _open_room(store, room_id)
        yield _line({"type": "room", "format": FORMAT, "version": __version__, **_room(room)})
        for member in await store.members(room_id):
            yield _line({"type": "member", **_member(member)})
        after = count = 0
        while entries := await store.entries(room_id, after, EVENTS_AT_ONCE):
            for entry in entries:
                yield _line({"type": "event", **told(entry)})
            after, count = entries[-1].position, count + len(entries)
        yield _line({"type": "end", "events": count})


async def audit(settings: Settings, *, what: str | None = None, since_ms: int | None = None) -> AsyncIterator[str]:
    """The audit log as lines of JSON, oldest first; `what`: a word of it, or how it begins."""
    wanted = AuditWanted()
    if what is not None:
        wanted["what"] = what
    if since_ms is not None:
        wanted["since_ms"] = since_ms
    async with opened(settings, beside=True) as store:
        after = 0
        while found := await store.audit.oldest(EVENTS_AT_ONCE, after=after, **wanted):
            for one in found:
                yield _line({"id": one.id, "at": one.at_ms, "what": one.what, "by": one.who, "room": one.room_id, "on": one.on, "detail": one.detail})
            after = found[-1].id


async def texts(settings: Settings, room_id: str) -> Sequence[tuple[File, str]]:
    """A room's files as they are now, as far as they are durable."""
    async with opened(settings, beside=True) as store:
        await _open_room(store, room_id)
        stored = await store.load(room_id)
        if stored is None:
            raise Gone(f"Room {room_id} has ended: nothing is left of it.")
        document = await asyncio.to_thread(restore, stored, Limits(edits_set_aside=settings.edits_set_aside))
        return [(file, document.text(file.id)) for file in document.files()]


async def _open_room(store: AnyStore, room_id: str) -> Room:
    room = await store.room(room_id)
    if room is None:
        raise NotFound(f"There is no room {room_id} in this database.")
    if room.ended_at_ms is not None:
        raise Gone(f"Room {room_id} has ended: nothing is left of it.")
    return room


def _line(value: dict[str, object]) -> str:
    return msgspec.json.encode(value).decode()


def _room(room: Room) -> dict[str, object]:
    return {
        "id": room.id,
        "title": room.title,
        "language": room.language,
        "guest_role": room.guest_role.value,
        "ephemeral": room.ephemeral,
        "epoch": room.epoch,
        "created_at": room.created_at_ms,
        "last_used_at": room.last_used_at_ms,
    }


def _member(member: Member) -> dict[str, object]:
    return {"id": member.id, "name": member.name, "color": member.color, "role": member.role.value, "joined_at": member.joined_at_ms}
