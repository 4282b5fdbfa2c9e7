"""A host erases a text from a room and its whole past: from the files, from chat, from what runs said, from names.

    look (the room goes on) ──found──> everybody is sent away ──> look at what came meanwhile ──> rewrite ──> the room is loaded again

Nothing of the text is kept, logged or told: what stays is a mark in the journal and a line in the audit log, that it was done.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec
import structlog

from fourhands.access.may import Verb
from fourhands.actions.change_member import host_of
from fourhands.actions.place import Place
from fourhands.errors import Conflict, InvalidRequest, NotFound, Unavailable
from fourhands.model.audit import Who
from fourhands.model.entry import Entry, EntryKind, StoredEntry
from fourhands.model.limits import Limits
from fourhands.model.room import Member, Room
from fourhands.protocol.erasing import erase
from fourhands.protocol.redacting import redact, redact_text
from fourhands.protocol.varint import write_varuint
from fourhands.room.finding import Found, Search
from fourhands.room.rewriting import rewriting
from fourhands.store.rewriting import Rewriting

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.actions")

ENTRIES_AT_ONCE = 1000
STRETCH_SECONDS = 0.05
"""Of a search, for which it has the processor: then it is others' turn."""
DURABLE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Report:
    """Where a text stands. `document`: in the files and their past; `chat`, `runs`: how often in messages and runs; `names`: in names of people
    and other entries; `title`: how often in the room's title. `clean`: only once it was erased: whether the store's files were cleaned at once."""

    document: Found
    chat: int
    runs: int
    names: int
    title: int
    clean: bool | None = None

    @property
    def times(self) -> int:
        """How often it was found in all."""
        return sum(self.document.texts.values()) + self.document.values + len(self.document.names) + self.chat + self.runs + self.names + self.title


@dataclass(slots=True)
class _Past:
    """A room's past as far as it was looked at, up to position `after`."""

    wanted: str
    search: Search
    after: int = 0
    counts: dict[EntryKind, int] = field(default_factory=dict[EntryKind, int])

    def take(self, entries: Sequence[StoredEntry]) -> int:
        """As many as fit into a stretch, one at least; how many that were. In a thread. Raises as `Search.take`."""
        end = time.monotonic() + STRETCH_SECONDS
        for number, entry in enumerate(entries, 1):
            if entry.kind is EntryKind.EDIT:
                self.search.take([entry.payload])
            else:
                self.counts[entry.kind] = self.counts.get(entry.kind, 0) + redact(entry.payload, self.wanted)[1]
            self.after = entry.position
            if time.monotonic() >= end:
                return number
        return len(entries)


async def find_text(place: Place, room_id: str, member_id: str | None, text: str) -> Report:
    """Where it stands; nothing is changed. Raises as `erase_text`, but for `NotFound` where there is nothing."""
    member = await host_of(place, room_id, member_id, Verb.ERASE)
    wanted = wanted_of(place.limits, text)
    async with place.seeks.search(room_id, member.id) as turns:
        past = await _look_first(place, room_id, wanted, turns)
        return await _report(place, room_id, past, turns)


async def erase_text(place: Place, room_id: str, member_id: str | None, text: str, *, address: str = "") -> Report:
    """Erase it everywhere; the room gets another epoch, and everybody in it is connected again.

    Raises `NotFound`, also if it stands nowhere, `Gone`, `Forbidden`, `InvalidRequest` for a text that is too short or too long, `TooLarge`
    for one that stands in very many places, `LimitExceeded` while this member or many others have something looked for, `Unavailable` while
    nothing can be saved, and `Conflict` while something is erased.
    """
    member = await host_of(place, room_id, member_id, Verb.ERASE)
    wanted = wanted_of(place.limits, text)
    async with place.seeks.search(room_id, member.id) as turns:
        past = await _look_first(place, room_id, wanted, turns)
        if not (await _report(place, room_id, past, turns)).times:
            raise NotFound("This stands nowhere in the room, nor did it. Nothing was erased.")
        async with rewriting(place.registry, room_id, member.id) as live:
            await _look(place, room_id, past, turns, rests=False)
            report = await _report(place, room_id, past, turns)
            report = await _rewrite(place, live.room, member, past, report)
    detail: dict[str, str | int | bool | None] = {"characters": len(wanted), "places": report.times}
    await place.audit.note("room.erased", Who.of_member(member, address), room_id=room_id, detail=detail)
    log.info("room.erased", room=room_id, member=member.id, **detail)
    return report


def wanted_of(limits: Limits, text: str) -> str:
    """The text to look for: white space at its ends does not count. Raises `InvalidRequest`."""
    wanted = text.replace("\r\n", "\n").replace("\0", "").strip()
    least, most = limits.erase_least_characters, limits.erase_most_characters
    if len(wanted) < least:
        raise InvalidRequest(f"A text to erase has {least} characters at least: fewer stand in too many other words.")
    if len(wanted) > most:
        raise InvalidRequest(f"A text to erase has {most:,} characters at most, this one has {len(wanted):,}. Erase it in parts.")
    try:
        wanted.encode()
    except UnicodeEncodeError:
        raise InvalidRequest("This text holds half a character.") from None
    return wanted


def next_epoch(epoch: str) -> str:
    """Another one for the same clocks: what stands before the dot says of which document they are."""
    return f"{epoch.partition('.')[0]}.{secrets.token_hex(4)}"


async def _look_first(place: Place, room_id: str, wanted: str, turns: asyncio.Semaphore) -> _Past:
    """Look at all that was written so far. Raises `Unavailable` while nothing can be saved: what waits would be passed over."""
    if live := place.registry.live(room_id):
        try:
            async with asyncio.timeout(DURABLE_SECONDS):
                await place.registry.durable(live)
        except TimeoutError:
            raise Unavailable("The server cannot save at the moment, so nothing is looked for or erased. Try again when it can.", "database") from None
    past = _Past(wanted, Search(wanted))
    await _look(place, room_id, past, turns, rests=True)
    return past


async def _look(place: Place, room_id: str, past: _Past, turns: asyncio.Semaphore, *, rests: bool) -> None:
    """Look at what was not looked at yet, a stretch at a time. `rests`: others need the processor, too."""
    while entries := await place.store.entries(room_id, past.after, ENTRIES_AT_ONCE):
        while entries:
            async with turns:
                began = time.monotonic()
                entries = entries[await asyncio.to_thread(past.take, entries) :]
            if rests:
                await rest(time.monotonic() - began)


async def rest(seconds: float) -> None:
    """Between two stretches, for as long as the one before took."""
    await asyncio.sleep(seconds)


async def _report(place: Place, room_id: str, past: _Past, turns: asyncio.Semaphore) -> Report:
    room = await place.registry.room_for(room_id)
    people = [redact_text(member.name, past.wanted)[1] for member in await place.store.members(room_id)]
    labels = [redact_text(invite.label, past.wanted)[1] for invite in await place.store.invites(room_id)]
    async with turns:
        found = await asyncio.to_thread(past.search.found)
    counts = past.counts
    others = sum(count for kind, count in counts.items() if kind not in {EntryKind.CHAT, EntryKind.RUN})
    title = redact_text(room.title, past.wanted)[1]
    return Report(found, counts.get(EntryKind.CHAT, 0), counts.get(EntryKind.RUN, 0), sum(people) + sum(labels) + others, title)


async def _rewrite(place: Place, room: Room, member: Member, past: _Past, report: Report) -> Report:
    """Raises as `Store.rewrite_room`."""
    told = {"change": "erased", "member": member.id, "characters": len(past.wanted), "places": report.times}
    wanted = Rewriting(
        head=past.after,
        epoch=room.epoch,
        new_epoch=next_epoch(room.epoch),
        mark=Entry(EntryKind.ROOM, msgspec.json.encode(told), place.clock.now_ms(), member.id),
        update=without(report.document),
        payload=lambda payload: redact(payload, past.wanted)[0],
        line=lambda line: redact_text(line, past.wanted)[0],
    )
    try:
        done = await place.store.rewrite_room(room.id, wanted)
    except Conflict:
        raise Conflict("The room was changed while this was erased, so nothing of it was. Try again.") from None
    return Report(report.document, report.chat, report.runs, report.names, report.title, done.clean)


def without(found: Found) -> Callable[[bytes], bytes]:
    """What takes it out of updates; those that name none of its writers are passed over at once."""
    marks = [*map(write_varuint, found.ranges), *(name.encode() for name in found.names)]

    def update(payload: bytes) -> bytes:
        return erase(payload, found.ranges, found.names) if any(mark in payload for mark in marks) else payload

    return update
