"""Edits that are not taken in one tick: large ones, in parts with others between, and those of people who may not edit.

Called by `edge/ws`, a step at a time.
"""

from fourhands.errors import FourhandsError
from fourhands.protocol import events, sync
from fourhands.protocol.steps import Steps
from fourhands.protocol.websocket import frame
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer


def edit_in_steps(room: LiveRoom, peer: Peer, update: bytes, *, whole: bool) -> Steps[bool]:
    """`LiveRoom.edit`, as several updates with others between; it counts as one. False if that somebody may edit no more by then: what
    is left of it is for `refuse_edit`. Where the room closes, the rest is dropped. Raises as `LiveRoom.edit`."""
    room.require_space(len(update))
    for applied in room.document.apply_in_steps(update, whole=whole):
        if applied is not None:
            room.take_applied(peer, [applied.changed, applied.waiting], applied)
        yield
        if room.closed:
            return True
        if not peer.may_edit:
            return False
        room.require_space(0)
    room.count_message(peer)
    return True


def refuse_edit(room: LiveRoom, peer: Peer, update: bytes, error: FourhandsError, *, whole: bool) -> Steps[None]:
    """A sync message from somebody who may not edit: an empty one is fine, a real one is answered and dropped. Raises `InvalidRequest`
    or `TooLarge`."""
    changes = (yield from room.document.would_change_in_steps(update)) if whole else update != sync.EMPTY_UPDATE
    if changes:
        peer.outbox.put(frame(sync.permission_denied(str(error))))
        if peer.events:
            said = events.ErrorSaid(error.code, str(error), sync=peer.received + 1)
            peer.outbox.put(frame(sync.event(events.encode(said))))
    room.count_message(peer)
