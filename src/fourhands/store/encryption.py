"""Encryption at rest: `store.sealing.Sealer` by AES-256-GCM (NIST SP 800-38D), a random key per room, wrapped by a master key.

    sealed = MAGIC, 12 bytes nonce, ciphertext with its 16 bytes tag; authenticated with it: room id, kind, position
    wrapped key = 8 bytes that name the master key, 8 bytes `since`, 12 bytes nonce, 32 bytes of key and its tag

Nonces are random, so a key may see 2**32 messages before two nonces are alike with a chance of 2**-32. A room's key sees
one a commit, one a folded row and one a snapshot: at 20 commits a second, day and night, that takes over five years.
"""

import hashlib
import os
import struct
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fourhands.errors import InvalidRequest, Unavailable
from fourhands.store.sealing import Box

KEY_BYTES = 32
NONCE_BYTES = 12

MAGIC = b"\xffFH\x01"
"""No JSON, no MessagePack array and no format byte of ours begins so."""

_HEADER = struct.Struct(">8sQ")  # of a wrapped key: the master key's name, `since`


class RoomBox:
    """Implements `Box`. What stands at positions 1 to `since` may be plain: it was written before encryption was on."""

    __slots__ = ("_aead", "_prefix", "_room_id", "since")

    def __init__(self, room_id: str, key: bytes, since: int) -> None:
        self.since = since
        self._room_id = room_id
        self._prefix = f"{room_id}\0".encode()
        self._aead = AESGCM(key)

    def seal(self, kind: str, position: int, plain: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return b"".join((MAGIC, nonce, self._aead.encrypt(nonce, plain, self._place(kind, position))))

    def open(self, kind: str, position: int, sealed: bytes) -> bytes:
        if not sealed.startswith(MAGIC):
            if position <= self.since and (position or kind == "snapshot"):  # title and names are sealed when a room gets its key
                return sealed
            raise closed(f"Room {self._room_id} holds something plain where all is encrypted ({kind} at {position}): the database was tampered with.")
        start = len(MAGIC) + NONCE_BYTES
        try:
            return self._aead.decrypt(sealed[len(MAGIC) : start], sealed[start:], self._place(kind, position))
        except (InvalidTag, ValueError) as error:  # ValueError: shorter than nonce and tag
            raise closed(f"Room {self._room_id} holds something damaged or tampered with: {kind} at {position} cannot be decrypted.") from error

    def _place(self, kind: str, position: int) -> bytes:
        return self._prefix + f"{kind}\0{position}".encode()


class _NoKey:
    """Implements `Box` for a room that has ended, and so holds nothing. Every other one has a key since the server started."""

    def __init__(self, room_id: str) -> None:
        self._room_id = room_id

    def seal(self, kind: str, position: int, plain: bytes) -> bytes:
        raise closed(f"Room {self._room_id} has no key to encrypt with. Start the server again, which gives it one.")

    def open(self, kind: str, position: int, sealed: bytes) -> bytes:
        if sealed:
            raise closed(f"Room {self._room_id} is not encrypted yet: start the server once with these keys. If it was, the database was tampered with.")
        return sealed


class Encryption:
    """Implements `Sealer`. The newest master key wraps; all of them unwrap.

    `keys`: 32 random bytes each, newest first. Raises `InvalidRequest` for other lengths or none.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise InvalidRequest(f"An encryption key has {KEY_BYTES} bytes.")
        self._masters = {_name(key): AESGCM(key) for key in keys}
        self._newest = _name(keys[0])

    def new_key(self, room_id: str, since: int = 0) -> bytes:
        return self._wrap(room_id, since, os.urandom(KEY_BYTES))

    def box(self, room_id: str, wrapped_key: bytes | None) -> Box:
        if wrapped_key is None:
            return _NoKey(room_id)
        key, since = self._unwrap(room_id, wrapped_key)
        return RoomBox(room_id, key, since)

    def knows(self, wrapped_key: bytes) -> bool:
        """Whether the master key that wraps it is there."""
        return wrapped_key[:8] in self._masters

    def renewed(self, room_id: str, wrapped_key: bytes, *, all_sealed: bool = False) -> bytes:
        """The same key under the newest master key; `all_sealed`: nothing plain is left in the room. Raises `Unavailable`."""
        key, since = self._unwrap(room_id, wrapped_key)
        since = 0 if all_sealed else since
        return wrapped_key if wrapped_key.startswith(_HEADER.pack(self._newest, since)) else self._wrap(room_id, since, key)

    def _wrap(self, room_id: str, since: int, key: bytes) -> bytes:
        header, nonce = _HEADER.pack(self._newest, since), os.urandom(NONCE_BYTES)
        return b"".join((header, nonce, self._masters[self._newest].encrypt(nonce, key, header + room_id.encode())))

    def _unwrap(self, room_id: str, wrapped_key: bytes) -> tuple[bytes, int]:
        header, rest = wrapped_key[: _HEADER.size], wrapped_key[_HEADER.size :]
        try:
            master, since = _HEADER.unpack(header)
            return self._masters[master].decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], header + room_id.encode()), since
        except KeyError as error:
            raise closed(f"Room {room_id} is encrypted under a key that is not among FOURHANDS_ENCRYPTION_KEYS.") from error
        except (InvalidTag, ValueError, struct.error) as error:
            raise closed(f"The key of room {room_id} is damaged or was tampered with.") from error


def closed(message: str) -> Unavailable:
    """What is sealed cannot be opened: damaged, tampered with, moved from its place, or under a key that is not there."""
    return Unavailable(message, "encryption")


def _name(key: bytes) -> bytes:
    """What tells master keys apart, and tells nothing of them."""
    return hashlib.sha256(b"fourhands master key\0" + key).digest()[:8]
