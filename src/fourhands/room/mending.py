"""Brings a room in memory up to what the journal has, after other instances were not reached: they may have written and left. Called by `sharing.py`."""

import asyncio

import structlog

from fourhands.errors import InvalidRequest
from fourhands.model.entry import EntryKind
from fourhands.protocol.close import CloseCode
from fourhands.room.document import DocumentBroken
from fourhands.room.joint_room import JointRoom
from fourhands.room.past import chat_of
from fourhands.room.restoring import in_parts
from fourhands.store.port import Store

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.sharing")

AGAIN = "The room is loaded again; you will be back in a moment."


async def mend(store: Store, room: JointRoom) -> None:
    """Take in what the journal has and the room has not; a room whose document was made anew is closed. Raises what the store raises."""
    room_id = room.room.id
    stored = await store.load(room_id)
    if stored is None or stored.room.closed_at_ms is not None or stored.room.epoch != room.room.epoch:
        room.close(CloseCode.UNAVAILABLE, AGAIN, rewritten=True)
        return
    states = () if stored.snapshot is None else stored.snapshot.states
    for update in (*states, *stored.updates):
        for part in in_parts(update):
            if room.closed:
                return
            try:
                room.load_more(part)
            except InvalidRequest as error:  # `fourhands journal check` names it
                log.warning("sharing.edit_set_aside", room=room_id, reason=str(error))
            except DocumentBroken:
                log.exception("room.broken", room=room_id)
                room.close(CloseCode.UNAVAILABLE, AGAIN)
                return
            await asyncio.sleep(0)
    room.hear_chat(chat_of(room_id, await store.tail(room_id, EntryKind.CHAT, room.limits.chat_kept)))
