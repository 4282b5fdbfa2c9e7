"""Who is counted where, if they are at several instances: figures of all of them are added."""

from fourhands.room.live import LiveRoom


def people_counted_here(room: LiveRoom) -> int:
    """How many people are here and are not counted at another instance already."""
    here = {peer.author for peer in room.peers}
    return len(here) if room.shared is None else room.shared.ours(here)
