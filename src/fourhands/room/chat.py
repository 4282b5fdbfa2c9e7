"""Chat: said by the server once it is in the journal. Called by `actions`."""

import msgspec

from fourhands.model.entry import EntryKind
from fourhands.protocol import events
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer


def say(room: LiveRoom, peer: Peer, text: str, ref: str | None) -> None:
    """A chat message: everyone hears it once it is durable. Raises `Unavailable` when too much waits already."""
    room.require_space(len(text))
    member, at_ms = peer.member, room.clock.now_ms()
    message = events.ChatMessage(0, member.id, member.name, member.color, text, at_ms)

    def heard(position: int) -> None:
        said = msgspec.structs.replace(message, id=position)
        room.chat = [*room.chat, said][-room.limits.chat_kept :]
        if room.shared is not None:
            room.shared.said(said)
        room.announce(events.ChatSaid(said), beside=peer)
        room.tell(peer, events.ChatSaid(said, ref))

    room.note(EntryKind.CHAT, msgspec.json.encode(message), member.id, heard)
