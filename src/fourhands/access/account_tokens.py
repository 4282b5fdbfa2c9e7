"""Tokens of accounts: JWTs (RFC 7519, HS256) that name an account and a login, and personal tokens, which are random.

Each kind has a key of its own, so that none is ever taken for another. Whether somebody is an admin is in none of them.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

import jwt

from fourhands.errors import Unauthenticated
from fourhands.model.ids import CROCKFORD

_ALGORITHM = "HS256"
_ACCESS, _REFRESH = "fourhands-account", "fourhands-refresh"
_REQUIRED = ["aud", "exp", "iat", "sub", "login", "n"]
PERSONAL = "fh_"
"""How a personal token begins, so that it is told from a JWT, and found where it leaked."""
INVITE_LETTERS, PERSONAL_LETTERS = 26, 40
OUTDATED = "Your login is not valid any more. Log in again."


@dataclass(frozen=True, slots=True)
class AccountClaims:
    """What a valid token says. `generation`: of the login's refresh tokens. `expires_at_ms`: milliseconds since the epoch."""

    account_id: str
    login_id: str
    generation: int
    expires_at_ms: int


class AccountTokens:
    """Issues and reads access and refresh tokens with one secret; times in ms since the epoch."""

    def __init__(self, secret: str) -> None:
        self._keys = {kind: hashlib.sha256(kind.encode() + b"\0" + secret.encode()).digest() for kind in (_ACCESS, _REFRESH)}

    def access(self, claims: AccountClaims, now_ms: int) -> str:
        """A token that says who calls, for a quarter of an hour or so."""
        return self._issue(_ACCESS, claims, now_ms)

    def refresh(self, claims: AccountClaims, now_ms: int) -> str:
        """A token that is good for one new pair of tokens."""
        return self._issue(_REFRESH, claims, now_ms)

    def read_access(self, token: str, now_ms: int) -> AccountClaims:
        """Raises `Unauthenticated` if it is forged, of another kind, or out of date."""
        return self._read(_ACCESS, token, now_ms)

    def read_refresh(self, token: str, now_ms: int) -> AccountClaims:
        """Raises `Unauthenticated` if it is forged, of another kind, or out of date."""
        return self._read(_REFRESH, token, now_ms)

    def _issue(self, kind: str, claims: AccountClaims, now_ms: int) -> str:
        said = {
            "aud": kind,
            "sub": claims.account_id,
            "login": claims.login_id,
            "n": claims.generation,
            "iat": now_ms // 1000,
            "exp": -(-claims.expires_at_ms // 1000),
        }
        return jwt.encode(said, self._keys[kind], algorithm=_ALGORITHM)  # pyright: ignore[reportUnknownMemberType]

    def _read(self, kind: str, token: str, now_ms: int) -> AccountClaims:
        try:
            claims: dict[str, Any] = jwt.decode(  # pyright: ignore[reportUnknownMemberType]
                token,
                self._keys[kind],
                algorithms=[_ALGORITHM],
                audience=kind,
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False},
            )
        except (jwt.InvalidTokenError, UnicodeEncodeError) as error:  # a lone surrogate is no token
            raise Unauthenticated(OUTDATED) from error
        if not all(isinstance(claims[name], int) for name in ("exp", "iat", "n")) or claims["exp"] * 1000 <= now_ms:
            raise Unauthenticated(OUTDATED)
        return AccountClaims(str(claims["sub"]), str(claims["login"]), claims["n"], claims["exp"] * 1000)


def new_personal_token() -> str:
    """A fresh personal token: 200 random bits."""
    return PERSONAL + _letters(PERSONAL_LETTERS)


def new_invite_key() -> str:
    """A fresh key of an invitation to register: 130 random bits."""
    return _letters(INVITE_LETTERS)


def digest_of(token: str) -> bytes:
    """What is kept of a random token: SHA-256, since nobody guesses what has so many bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _letters(count: int) -> str:
    return "".join(secrets.choice(CROCKFORD) for _ in range(count))
