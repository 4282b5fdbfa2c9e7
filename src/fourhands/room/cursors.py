"""What connections show of themselves, told to the others: at once, or put off and gathered. Called by `edge/ws`.

`presence.py` knows who shows what, and who may.
"""

from collections.abc import Sequence

import msgspec

from fourhands.model.entry import EntryKind
from fourhands.protocol import awareness, sync
from fourhands.protocol.close import CloseCode
from fourhands.protocol.websocket import frame
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer


def move(room: LiveRoom, peer: Peer, update: bytes, at_once: bool = True) -> None:
    """An awareness message. Raises `InvalidRequest`. Unless `at_once`, the others hear it by the next `tell_put_off`."""
    moved = room.presence.move(peer, update)
    gone: list[awareness.Entry] = []
    if moved is None:
        entries = _announced(room, peer, update)
        gone = [entry for entry in entries if entry.state == awareness.GONE]
        if at_once or len(gone) == len(entries):
            room.relay_presence(peer, entries)
            return
    elif at_once:
        room.send_others(peer, frame(sync.awareness(moved)))
        if room.shared is not None:
            room.shared.show(moved)
        return
    room.relay_presence(peer, gone)
    room.presence.put_off(peer)


def tell_put_off(room: LiveRoom) -> None:
    """Relay where those are now whose moves were put off."""
    for number, (update, hearers) in enumerate(room.presence.newest_for(room.peers)):
        if number == 0 and room.shared is not None:
            room.shared.show(update)  # the first one holds all that moved
        message = frame(sync.awareness(update))
        for peer in hearers:
            peer.outbox.put(message)


def answer(room: LiveRoom, peer: Peer) -> None:
    """Tell somebody who asks what everybody shows."""
    peer.outbox.put(frame(sync.awareness(awareness.encode(room.presence.everyone()))))


def _announced(room: LiveRoom, peer: Peer, update: bytes) -> Sequence[awareness.Entry]:
    """What `move` has to relay, where it cannot take the fast way."""
    elsewhere = room.presence.elsewhere
    others = set[int]() if elsewhere is None else set(elsewhere.cursors)
    announced = room.presence.take(peer, update)
    for client in announced.new_clients:
        room.note(EntryKind.CLIENT, msgspec.json.encode({"client": client, "member": peer.member.id}), peer.member.id)
    if room.shared is not None and (claimed := others.intersection(announced.new_clients)):
        room.shared.claim([*claimed], peer)
    for older in announced.replaced:
        if not older.clients:
            older.outbox.close(CloseCode.CONFLICT, "You are here with a newer connection.")
    return announced.entries
