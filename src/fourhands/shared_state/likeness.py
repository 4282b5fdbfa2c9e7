"""Whether all instances of an installation have the same secrets: each says what can be known of its own, and looks at what the first one said.

No secret is told, and none can be found by what is: of each there is a slow, keyed digest (scrypt, RFC 7914), salted by the installation's name.
What is said is forgotten soon after the last who agree with it have gone, so that an installation may be given other secrets.
"""

import asyncio
import hashlib
from collections.abc import Sequence

import structlog

from fourhands.errors import Unavailable
from fourhands.shared_state.port import SharedState

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.shared_state")

EVERY_SECONDS = 2.0
HELD_SECONDS = 10
"""How long what the first said holds after the last word of anybody who agrees."""
DIGEST_BYTES = 16
NAME = "likeness"
STRANGERS = (
    "This server has another SECRET_KEY than those that share its Redis, so neither knows whom the other has let in. "
    "Give all of them the same; or, for an installation of its own, another FOURHANDS_REDIS_PREFIX."
)
UNREADABLE = (
    "This server and those that share its Redis have no encryption key in common, so neither reads what the other writes. "
    "See FOURHANDS_ENCRYPTION_KEYS: give all of them the same."
)


def digest(secret: bytes, installation: str) -> bytes:
    """What may be known of a secret; some 30 ms."""
    return hashlib.scrypt(secret, salt=f"fourhands {installation}".encode(), n=1 << 13, r=8, p=1, dklen=DIGEST_BYTES)


def differs(own: Sequence[bytes], first: Sequence[bytes]) -> str:
    """Why these do not belong together, as a sentence; empty if they do. Each: the digest of the secret, then those of encryption keys, newest first."""
    if own[:1] != first[:1]:
        return STRANGERS
    if (own[1:] or first[1:]) and not set(own[1:]) & set(first[1:]):
        return UNREADABLE
    return ""


class Likeness:
    """`problem`: a sentence while others have other secrets, else empty. Where the others are not reached, what was known last holds."""

    def __init__(self, shared: SharedState | None, installation: str, secret: str, encryption_keys: Sequence[bytes]) -> None:
        self._shared = shared
        self._installation = installation
        self._secrets = (secret.encode(), *encryption_keys)
        self._own: Sequence[bytes] = ()
        self.problem = ""

    async def run(self) -> None:
        """Look for ever; alone there is nobody to be unlike."""
        while self._shared is not None:
            await self.look(self._shared)
            await asyncio.sleep(EVERY_SECONDS)

    async def look(self, shared: SharedState) -> None:
        """Compare once."""
        if not self._own:
            self._own = await asyncio.to_thread(lambda: [digest(secret, self._installation) for secret in self._secrets])
        own = b"".join(self._own)
        try:
            first = await shared.first(NAME, own, HELD_SECONDS)
            problem = differs(self._own, _parts(first))
            if not problem:
                await shared.hold(NAME, HELD_SECONDS)
        except Unavailable:
            return
        if problem and problem != self.problem:
            log.error("instance.unlike", reason=problem)
        self.problem = problem


def _parts(joined: bytes) -> Sequence[bytes]:
    return [joined[at : at + DIGEST_BYTES] for at in range(0, len(joined), DIGEST_BYTES)]
