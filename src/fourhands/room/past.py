"""Chat and runs as the journal has them, for whoever comes into a room; what cannot be read is set aside, never silently.

`registry.py` shows what can be read, `verify.py` names what cannot.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
import structlog

from fourhands.model.entry import EntryKind, StoredEntry
from fourhands.protocol.events import ChatMessage, Run, chat_message

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.registry")

Shown = TypeVar("Shown")

_NOUNS = {EntryKind.CHAT: "chat message", EntryKind.RUN: "run"}


def chat_of(room_id: str, entries: Sequence[StoredEntry]) -> list[ChatMessage]:
    """The messages that can be read, oldest first."""
    return _legible(room_id, entries, _message)


def runs_of(room_id: str, entries: Sequence[StoredEntry]) -> list[Run]:
    """The runs that can be read, oldest first."""
    return _legible(room_id, entries, _run)


def fault(entry: StoredEntry) -> str:
    """What is wrong with an entry that is no edit, as a sentence; nothing if it can be read."""
    reads = {EntryKind.CHAT: _message, EntryKind.RUN: _run}
    try:
        reads.get(entry.kind, _object)(entry)
    except (msgspec.MsgspecError, RecursionError) as error:
        noun = _NOUNS.get(entry.kind, f"entry of kind {entry.kind.value}")
        return f"The {noun} at position {entry.position} cannot be read ({error}); the room opens without it."
    return ""


def _legible(room_id: str, entries: Sequence[StoredEntry], read: Callable[[StoredEntry], Shown]) -> list[Shown]:
    shown: list[Shown] = []
    aside: list[int] = []
    for entry in entries:
        try:
            shown.append(read(entry))
        except (msgspec.MsgspecError, RecursionError):
            aside.append(entry.position)
    if aside:
        log.error("room.entries_set_aside", room=room_id, kind=entries[0].kind.value, positions=aside)
    return shown


def _message(entry: StoredEntry) -> ChatMessage:
    return chat_message(entry.payload, entry.position)


def _run(entry: StoredEntry) -> Run:
    return msgspec.json.decode(entry.payload, type=Run)


def _object(entry: StoredEntry) -> dict[str, object]:
    return msgspec.json.decode(entry.payload, type=dict[str, object])
