"""What a room, or all rooms of an account, hold of one person: written out for them, and erased: their name, what they said and ran.

What somebody wrote into the shared text is the room's, and stays: others built on it. A host erases from it what says too much (`erase_text.py`).
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import msgspec
import structlog

from fourhands import __version__
from fourhands.actions.erase_text import next_epoch
from fourhands.actions.join_room import reader_of
from fourhands.actions.place import Place
from fourhands.actions.read_history import told
from fourhands.errors import Conflict
from fourhands.model.account import Account
from fourhands.model.audit import Who
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.room import Member, Room
from fourhands.protocol.redacting import rename, unsay
from fourhands.room.live import LiveRoom
from fourhands.room.rewriting import rewriting
from fourhands.store.rewriting import Rewriting

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.actions")

FORMAT = 1
"""Of the lines; a later version that writes others counts on."""
ENTRIES_AT_ONCE = 1000
ROOMS_AT_ONCE = 100
SOMEONE = "Someone"
NO_COLOR = "#57534e"


@dataclass(frozen=True, slots=True)
class Own:
    """Whose data, in which room."""

    room: Room
    member: Member


async def own_in(place: Place, room_id: str, member_id: str | None) -> Own:
    """The caller in that room. Raises `NotFound`, `Gone`, `Unauthenticated`, `Forbidden`."""
    member = await reader_of(place, room_id, member_id)
    return Own(await place.registry.room_for(room_id), member)


async def export_own(place: Place, own: Own) -> AsyncIterator[str]:
    """What is theirs in a room, as lines of JSON: the room, who they are in it, each entry of the journal that is by them (edits with their
    time, messages, runs), and at the end how many."""
    room, member = own.room, own.member
    yield _line({"type": "room", "format": FORMAT, "version": __version__, "id": room.id, "title": room.title, "created_at": room.created_at_ms})
    yield _line({"type": "member", "id": member.id, "name": member.name, "color": member.color, "role": member.role.value, "joined_at": member.joined_at_ms})
    after = count = 0
    while entries := await place.store.entries(room.id, after, ENTRIES_AT_ONCE):
        for entry in entries:
            if entry.member == member.id:
                count += 1
                yield _line({"type": "event", **told(entry)})
        after = entries[-1].position
    yield _line({"type": "end", "room": room.id, "events": count})


async def export_account(place: Place, account: Account) -> AsyncIterator[str]:
    """The same of all rooms in which an account is a member, one after the other, and before it what is kept of the account."""
    kept = {"id": account.id, "login": account.login, "name": account.name, "color": account.color, "created_at": account.created_at_ms}
    identities = [{"issuer": issuer, "subject": subject} for issuer, subject in await place.store.accounts.identities(account.id)]
    teams = [{"id": own.team.id, "name": own.team.name, "role": own.role} for own in await place.store.accounts.teams(account.id)]
    yield _line({"type": "account", "format": FORMAT, "version": __version__, **kept, "identities": identities, "teams": teams})
    for archived in (False, True):
        mark: tuple[int, str] | None = None
        while found := await place.store.accounts.rooms(account.id, archived=archived, team_id=None, before=mark, limit=ROOMS_AT_ONCE):
            for one in found:
                room, member_id = await place.store.room(one.id), await place.store.accounts.member_in(account.id, one.id)
                member = await place.store.member(one.id, member_id) if member_id else None
                if room is not None and member is not None:
                    async for line in export_own(place, Own(room, member)):
                        yield line
            mark = found[-1].mark


async def forget_own_name(place: Place, own: Own, *, account_id: str | None = None, address: str = "") -> None:
    """Their name in the room becomes "Someone", in what they said and ran before, too. They stay in it, and may give a name again; the
    account `account_id` has no part in it any more.

    Raises `Conflict` while something else is erased.
    """
    room, member = own.room, own.member

    def unnamed(payload: bytes) -> bytes:
        return rename(payload, member.id, SOMEONE)

    async with rewriting(place.registry, room.id, member.id) as live:
        await _rewrite(place, live, member, "unnamed", unnamed, name=SOMEONE)
        await place.store.change_member(room.id, member.id, color=NO_COLOR)
        if account_id is not None and await place.store.accounts.member_in(account_id, room.id) == member.id:
            await place.store.accounts.leave(account_id, room.id)
    await place.audit.note("member.unnamed", Who("member", member.id, SOMEONE, address), room_id=room.id)
    log.info("member.unnamed", room=room.id, member=member.id)


async def forget_own_words(place: Place, own: Own, *, address: str = "") -> None:
    """The text of their messages, and what their runs took and gave, go from the room and its past. That there were some stays.

    Raises `Conflict` while something else is erased.
    """
    room, member = own.room, own.member
    async with rewriting(place.registry, room.id, member.id) as live:
        await _rewrite(place, live, member, "unsaid", lambda payload: unsay(payload, member.id))
    await place.audit.note("member.unsaid", Who("member", member.id, "", address), room_id=room.id)
    log.info("member.unsaid", room=room.id, member=member.id)


async def _rewrite(place: Place, live: LiveRoom, member: Member, change: str, payload: Callable[[bytes], bytes], *, name: str | None = None) -> None:
    """`change`: what the mark says; `name`: of the member from now on. Raises `Conflict`."""
    wanted = Rewriting(
        head=live.queue.head,
        epoch=live.room.epoch,
        new_epoch=next_epoch(live.room.epoch),
        mark=Entry(EntryKind.ROOM, msgspec.json.encode({"change": change, "member": member.id}), place.clock.now_ms(), member.id),
        payload=payload,
        member=lambda member_id, before: before if name is None or member_id != member.id else name,
    )
    try:
        await place.store.rewrite_room(live.room.id, wanted)
    except Conflict:
        raise Conflict("The room was changed meanwhile, so nothing of it was erased. Try again.") from None


def _line(value: dict[str, object]) -> str:
    return msgspec.json.encode(value).decode() + "\n"
