"""What a browser holds while somebody is away to log in at an OpenID Connect provider: a JWT (RFC 7519, HS256) with a key of its own.

It binds the provider's answer to the browser that began: `state` and `nonce` (OpenID Connect Core 1.0, 3.1.2.1), and the verifier of PKCE
(RFC 7636). Nothing of it is kept at the server.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import asdict, dataclass
from typing import Any

import jwt

_ALGORITHM = "HS256"
_AUDIENCE = "fourhands-oidc"
_PAGE = re.compile(r"/(?:rooms|account|teams|admin|r/[A-Za-z0-9_-]{1,64})?")
HOME = "/rooms"


@dataclass(frozen=True, slots=True)
class Attempt:
    """`redirect_uri`: where the provider sends the browser back to. `next`: the page of ours that it goes on to. `invite`: digest of the
    invitation to register, in hex. `account_id`: who wants to be logged in by that provider from now on; None: somebody logs in."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    next: str
    invite: str | None = None
    account_id: str | None = None


def new_attempt(*, redirect_uri: str, next_page: str | None, invite: str | None = None, account_id: str | None = None) -> Attempt:
    """With fresh secrets of 256 bits each."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Attempt(state, nonce, verifier, redirect_uri, page_of_ours(next_page), invite, account_id)


def page_of_ours(wanted: str | None) -> str:
    """The path of a page, below our root; for anything that is none, the list of one's rooms. So nobody is ever led elsewhere."""
    return wanted if wanted is not None and _PAGE.fullmatch(wanted) else HOME


class LoginAttempts:
    """Seals and opens attempts with one secret; times in ms since the epoch."""

    def __init__(self, secret: str, valid_seconds: float) -> None:
        self._key = hashlib.sha256(_AUDIENCE.encode() + b"\0" + secret.encode()).digest()
        self.valid_seconds = valid_seconds

    def seal(self, attempt: Attempt, now_ms: int) -> str:
        """For the browser that begins."""
        ends = now_ms // 1000 + int(self.valid_seconds)
        return jwt.encode({**asdict(attempt), "aud": _AUDIENCE, "exp": ends}, self._key, algorithm=_ALGORITHM)  # pyright: ignore[reportUnknownMemberType]

    def open(self, sealed: str | None, state: str, now_ms: int) -> Attempt | None:
        """The attempt that this state belongs to; None if it is forged, over, or another one's."""
        try:
            said: dict[str, Any] = jwt.decode(  # pyright: ignore[reportUnknownMemberType]
                sealed or "", self._key, algorithms=[_ALGORITHM], audience=_AUDIENCE, options={"require": ["aud", "exp"], "verify_exp": False}
            )
        except (jwt.InvalidTokenError, UnicodeEncodeError):
            return None
        if said["exp"] * 1000 <= now_ms or not hmac.compare_digest(said["state"].encode(), state.encode("utf-8", "replace")):
            return None
        return Attempt(**{name: said[name] for name in Attempt.__dataclass_fields__})
