"""Room tokens: JWTs (RFC 7519, HS256) that name a room and a member. The role is never in them: it is looked up."""

import hashlib
from dataclasses import dataclass
from typing import Any

import jwt

from fourhands.errors import Unauthenticated

VERSION = 1
_ALGORITHM = "HS256"
_AUDIENCE = "fourhands-room"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says. `issued_at`: seconds since the epoch. `account_id`: whose member it was when the token was made, None for a guest."""

    room_id: str
    member_id: str
    issued_at: int
    account_id: str | None = None


class RoomTokens:
    """Issues and reads room tokens with one secret; times come in from the caller, in ms since the epoch."""

    def __init__(self, secret: str, valid_seconds: float) -> None:
        self._key = hashlib.sha256(b"fourhands room token\0" + secret.encode()).digest()  # a key for this purpose alone
        self.valid_seconds = valid_seconds

    def issue(self, room_id: str, member_id: str, now_ms: int, *, account_id: str | None = None) -> str:
        issued = now_ms // 1000
        claims: dict[str, Any] = {"aud": _AUDIENCE, "room": room_id, "sub": member_id, "v": VERSION, "iat": issued, "exp": issued + int(self.valid_seconds)}
        if account_id is not None:
            claims["acc"] = account_id
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)  # pyright: ignore[reportUnknownMemberType]

    def read(self, token: str, room_id: str, now_ms: int) -> Claims:
        """Raises `Unauthenticated` if the token is forged, out of date, or another room's."""
        try:
            claims: dict[str, Any] = jwt.decode(  # pyright: ignore[reportUnknownMemberType]
                token,
                self._key,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                options={"require": ["exp", "iat", "sub", "room", "v"], "verify_exp": False, "verify_iat": False},
            )
        except (jwt.InvalidTokenError, UnicodeEncodeError) as error:  # a lone surrogate is no token
            raise Unauthenticated("This invitation is not valid here. Join the room again.") from error
        if claims["v"] != VERSION or claims["room"] != room_id or not isinstance(claims["exp"], int) or not isinstance(claims["iat"], int):
            raise Unauthenticated("This token is for another room. Join this one.")
        if claims["exp"] * 1000 <= now_ms:
            raise Unauthenticated("You were away for long. Join the room again.")
        return Claims(room_id, str(claims["sub"]), claims["iat"], str(claims["acc"]) if "acc" in claims else None)

    def is_ageing(self, claims: Claims, now_ms: int) -> bool:
        """Whether it is time to hand out a fresh one: a twelfth of its life (2 hours of 24) has passed."""
        return now_ms / 1000 - claims.issued_at > self.valid_seconds / 12
