"""Passwords: what is accepted, and their hashes by argon2id (RFC 9106). Pure, and slow on purpose: never on the event loop."""

import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from fourhands.errors import InvalidRequest

SALT_BYTES, HASH_BYTES = 16, 32
PASSWORD_CHARACTERS_MOST = 256
"""Longer ones add nothing, and hashing takes in what it is given."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one hash costs: memory in bytes, and passes over it. One lane: hashes run beside each other, not within."""

    memory_bytes: int = 64 * 1024 * 1024
    passes: int = 3


class Passwords:
    """Hashes and compares with one cost. Each call takes tens to hundreds of milliseconds of a processor."""

    def __init__(self, cost: Cost) -> None:
        self._argon2 = PasswordHasher(cost.passes, max(8, cost.memory_bytes // 1024), 1, HASH_BYTES, SALT_BYTES, type=Type.ID)

    def hash(self, password: str) -> str:
        """As a PHC string, which holds cost and salt."""
        return self._argon2.hash(_normal(password))

    def matches(self, hashed: str, password: str) -> bool:
        """Whether it is that password; False for a hash that is none."""
        try:
            return self._argon2.verify(hashed, _normal(password))
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, hashed: str) -> bool:
        """Whether it was made with another cost."""
        return self._argon2.check_needs_rehash(hashed)


def _normal(password: str) -> bytes:
    """One form for what looks the same and is typed differently on two machines (RFC 8265, OpaqueString)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def require_good(password: str, least: int, *, not_in: tuple[str, ...] = ()) -> None:
    """Raises `InvalidRequest` for a password that is too short, or one of `not_in` (names). Length is what counts (NIST SP 800-63B)."""
    if len(password) < least:
        raise InvalidRequest(f"A password needs {least} characters at least.")
    if len(password) > PASSWORD_CHARACTERS_MOST:
        raise InvalidRequest(f"A password may have {PASSWORD_CHARACTERS_MOST} characters.")
    if len(set(password)) < 4:
        raise InvalidRequest("A password needs more different characters.")
    if password.casefold() in {name.casefold() for name in not_in}:
        raise InvalidRequest("A password must not be a name of yours.")
