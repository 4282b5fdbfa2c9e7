"""Encryption at rest: a random key per room, kept wrapped by a master key. Adapters of the store call it; it does no I/O.

    sealed = MAGIC, 12 bytes nonce, ciphertext with its 16 bytes tag    AES-256-GCM (NIST SP 800-38D)
    associated data = room id, kind, position: what is sealed opens in its own place alone

Nonces are random, so a key may see 2**32 messages before two of them are alike with a chance of 2**-32. A room's key
sees one a commit, one a folded row and one a snapshot: at 20 commits a second, day and night, that is over five years.
"""

import base64
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fourhands.errors import InvalidRequest, Unavailable

KEY_BYTES = 32
NONCE_BYTES = 12

MAGIC = b"\xffFH\x01"
"""No JSON, no MessagePack array, no compressed block and no format byte of ours begins so."""

TEXT_MARK = "\x01"
"""Begins a sealed name or title; `model.people` lets no control character into a plain one."""


def closed(message: str) -> Unavailable:
    """What is sealed cannot be opened: damaged, tampered with, moved from its place, or under a key that is not there."""
    return Unavailable(message, "encryption")


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A room's key as it is kept. `master`: which key wraps it. `since`: what stands up to that position may be plain,
    since it was written before encryption was turned on; it is part of what the wrapping authenticates."""

    master: str
    since: int
    wrapped: bytes


class RoomKey:
    """Seals and opens what belongs to one room; safe in any thread."""

    __slots__ = ("_aead", "_prefix", "room_id", "since")

    def __init__(self, room_id: str, key: bytes, since: int) -> None:
        self.room_id = room_id
        self.since = since
        self._aead = AESGCM(key)
        self._prefix = f"{room_id}\0".encode()

    def seal(self, kind: str, position: int, plain: bytes) -> bytes:
        """`kind`: what it is ("log", "journal", "snapshot" ...); `position`: where it stands in the room's order."""
        nonce = os.urandom(NONCE_BYTES)
        return b"".join((MAGIC, nonce, self._aead.encrypt(nonce, plain, self._place(kind, position))))

    def open(self, kind: str, position: int, sealed: bytes) -> bytes:
        """What was sealed; what is plain and may be is given back. Raises `Unavailable`."""
        if not sealed.startswith(MAGIC):
            if position <= self.since:
                return sealed
            raise closed(f"Room {self.room_id} holds something plain where all is sealed (a {kind} at {position}): the database was tampered with.")
        start = len(MAGIC) + NONCE_BYTES
        try:
            return self._aead.decrypt(sealed[len(MAGIC) : start], sealed[start:], self._place(kind, position))
        except (InvalidTag, ValueError) as error:  # ValueError: shorter than nonce and tag
            raise closed(f"Room {self.room_id} holds something damaged or tampered with: a {kind} at {position} cannot be opened.") from error

    def seal_text(self, kind: str, plain: str) -> str:
        """A name or title as text that holds no letter of it."""
        return TEXT_MARK + base64.b64encode(self.seal(kind, 0, plain.encode())).decode()

    def open_text(self, kind: str, sealed: str) -> str:
        """Names and titles are sealed as soon as the room has a key. Raises `Unavailable`."""
        try:
            raw = base64.b64decode(sealed.removeprefix(TEXT_MARK), validate=True) if sealed.startswith(TEXT_MARK) else b""
        except ValueError:
            raw = b""
        if not raw.startswith(MAGIC):
            raise closed(f"Room {self.room_id} holds something damaged or tampered with: its {kind} is not sealed.")
        return self.open(kind, 0, raw).decode()

    def _place(self, kind: str, position: int) -> bytes:
        return self._prefix + f"{kind}\0{position}".encode()


class MasterKeys:
    """The keys that wrap rooms' keys. The newest wraps; all unwrap.

    `keys`: 32 random bytes each, newest first. Raises `InvalidRequest` for other lengths or none.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise InvalidRequest(f"An encryption key has {KEY_BYTES} bytes.")
        self._keys = {_name(key): AESGCM(key) for key in keys}
        self.newest = _name(keys[0])

    def __contains__(self, master: str) -> bool:
        return master in self._keys

    def make(self, room_id: str, since: int = 0) -> tuple[RoomKey, Wrapped]:
        """A fresh key for a room that has none."""
        key = os.urandom(KEY_BYTES)
        return RoomKey(room_id, key, since), self._wrap(room_id, since, key)

    def open(self, room_id: str, kept: Wrapped) -> RoomKey:
        """Raises `Unavailable`."""
        return RoomKey(room_id, self._unwrap(room_id, kept), kept.since)

    def rewrap(self, room_id: str, kept: Wrapped, since: int | None = None) -> Wrapped:
        """The same key under the newest master key, perhaps with another `since`. Raises `Unavailable`."""
        return self._wrap(room_id, kept.since if since is None else since, self._unwrap(room_id, kept))

    def _wrap(self, room_id: str, since: int, key: bytes) -> Wrapped:
        nonce = os.urandom(NONCE_BYTES)
        return Wrapped(self.newest, since, nonce + self._keys[self.newest].encrypt(nonce, key, _wrapping(room_id, since)))

    def _unwrap(self, room_id: str, kept: Wrapped) -> bytes:
        if kept.master not in self._keys:
            raise closed(f"Room {room_id} is encrypted under another key (the one called {kept.master}).")
        try:
            return self._keys[kept.master].decrypt(kept.wrapped[:NONCE_BYTES], kept.wrapped[NONCE_BYTES:], _wrapping(room_id, kept.since))
        except (InvalidTag, ValueError) as error:
            raise closed(f"The key of room {room_id} is damaged or was tampered with.") from error


def _name(key: bytes) -> str:
    """What tells master keys apart, and tells nothing of them: 16 hexadecimal digits."""
    return hashlib.sha256(b"fourhands master key\0" + key).hexdigest()[:16]


def _wrapping(room_id: str, since: int) -> bytes:
    return f"key\0{room_id}\0{since}".encode()
