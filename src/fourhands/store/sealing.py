"""The one place where what people wrote becomes bytes of a row, and comes back: payloads, snapshots, names, titles and password hashes.

A `Sealer` is passed to the store by `app`. The default leaves everything as it is.
"""

from typing import Protocol

from fourhands.errors import Unavailable


class Box(Protocol):
    """Seals one room's bytes. Called in the store's threads, several of them at once.

    `kind` and `position` say where the bytes stand, and what was sealed opens nowhere else: "log" (position of its first
    entry), "edits" (a block's first position), any other `EntryKind`, "snapshot", and at position 0 "title", "password",
    "name/MEMBER" and "label/INVITE".
    """

    def seal(self, kind: str, position: int, plain: bytes) -> bytes: ...

    def open(self, kind: str, position: int, sealed: bytes) -> bytes:
        """Raises `Unavailable` if it does not open."""
        ...


class Sealer(Protocol):
    """Makes boxes. A room's wrapped key stands in its row and goes with it."""

    def new_key(self, room_id: str, since: int = 0) -> bytes | None:
        """A fresh key for a room, wrapped; None: this room is not sealed. What stands up to `since` may be plain."""
        ...

    def box(self, room_id: str, wrapped_key: bytes | None) -> Box:
        """Raises `Unavailable` if the key does not unwrap."""
        ...

    def knows(self, wrapped_key: bytes) -> bool:
        """Whether the master key that wraps it is there."""
        ...

    def renewed(self, room_id: str, wrapped_key: bytes, *, all_sealed: bool = False) -> bytes:
        """The same key under the newest master key; `all_sealed`: nothing plain is left in the room. Raises `Unavailable`."""
        ...


class _Plain:
    """Implements both, and seals nothing."""

    def new_key(self, room_id: str, since: int = 0) -> bytes | None:
        return None

    def box(self, room_id: str, wrapped_key: bytes | None) -> "Box":
        if wrapped_key is not None:
            raise Unavailable(f"Room {room_id} is encrypted, and FOURHANDS_ENCRYPTION_KEYS is not set.", "encryption")
        return self

    def knows(self, wrapped_key: bytes) -> bool:
        return False

    def renewed(self, room_id: str, wrapped_key: bytes, *, all_sealed: bool = False) -> bytes:
        return wrapped_key

    def seal(self, kind: str, position: int, plain: bytes) -> bytes:
        return plain

    def open(self, kind: str, position: int, sealed: bytes) -> bytes:
        return sealed


PLAIN = _Plain()
