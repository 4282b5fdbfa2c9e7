"""Edits that are no keystrokes: small ones at once, large ones in parts with others between, and those of people who may not edit.

Called by `edge/ws`, a step at a time where there are steps.
"""

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from fourhands.errors import FourhandsError
from fourhands.model.entry import EntryKind
from fourhands.protocol import events, sync
from fourhands.protocol.steps import Steps
from fourhands.protocol.websocket import frame
from fourhands.room.document import MAIN, PLAIN, Applied
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer


def edit(room: LiveRoom, peer: Peer, update: bytes, *, whole: bool, message: bytes | None = None) -> None:
    """A sync message of kind update, or (`whole`) step 2, from somebody who may edit. `message`: the update's, as it came.

    A step 2 is kept and relayed as what it changed, not as its bytes: each carries the whole delete set.
    Raises `InvalidRequest`, `TooLarge`, `Unavailable`, `TakesSteps` or `DocumentBroken`; nobody else notices.
    """
    room.require_space(len(update))
    if update != sync.EMPTY_UPDATE:
        applied = room.document.apply(update, whole=whole, at_once=True)
        if applied is PLAIN:
            room.keep(peer, update)
            room.send_others(peer, frame(message or sync.update(update)))
        else:
            _keep_and_relay(room, peer, [applied.changed, applied.waiting] if whole else [update], applied)
    room.count_message(peer, whole=whole)


def edit_in_steps(room: LiveRoom, peer: Peer, update: bytes, *, whole: bool) -> Steps[bool]:
    """`edit`, as several updates with others between; it counts as one. False if that somebody may edit no more by then: what
    is left of it is for `refuse_edit`. Where the room closes, the rest is dropped. Raises as `edit`."""
    room.require_space(len(update))
    for applied in room.document.apply_in_steps(update, whole=whole):
        if applied is not None:
            _keep_and_relay(room, peer, [applied.changed, applied.waiting], applied)
        yield
        if room.closed:
            return True
        if not peer.may_edit:
            return False
        room.require_space(0)
    room.count_message(peer, whole=whole)
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
    room.count_message(peer, whole=whole)


def _keep_and_relay(room: LiveRoom, peer: Peer, kept: Iterable[bytes], applied: Applied) -> None:
    """An update, or a part of one, is in the document: keep it and tell the others. What waits for others is kept, and nobody hears of it
    before it fits; then the sender, too: it may be another's."""
    for update in kept:
        if update != sync.EMPTY_UPDATE:
            room.keep(peer, update)
    if applied.changed != sync.EMPTY_UPDATE:
        room.send_others(peer, frame(sync.update(applied.changed)))
    for update in applied.woken:
        woken = frame(sync.update(update))
        room.send_others(peer, woken)
        peer.outbox.put(woken)
    for file, language in applied.languages:
        _language_chosen(room, peer, file, language)


def _language_chosen(room: LiveRoom, peer: Peer, file: str, language: str) -> None:
    if file == MAIN:
        room.room = replace(room.room, language=language)
    payload = {"change": "language", "file": file, "language": language, "member": peer.member.id}
    room.note(EntryKind.ROOM, msgspec.json.encode(payload), peer.member.id)
    room.announce(events.RoomLanguage(file, language, peer.member.id))
