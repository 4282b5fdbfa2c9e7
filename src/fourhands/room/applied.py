"""What a room's document says of an update that it took. Made by `document.py`, read by `live.py`."""

from collections.abc import Sequence
from dataclasses import dataclass

from fourhands.protocol.sync import EMPTY_UPDATE


@dataclass(frozen=True, slots=True)
class Applied:
    """What an update did, for the others. `changed`: what of it came in; `waiting`: the part of it that waits for edits that
    it builds on (both empty updates if there is none); `woken`: what had waited, and came in with it; `languages`: file id
    -> language, where one was chosen."""

    changed: bytes = EMPTY_UPDATE
    waiting: bytes = EMPTY_UPDATE
    woken: Sequence[bytes] = ()
    languages: Sequence[tuple[str, str]] = ()


PLAIN = Applied()
"""A keystroke came in as it is, and there is nothing else to say of it."""
