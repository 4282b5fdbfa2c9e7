"""WebSocket close codes: RFC 6455's own, and ours. 4400 to 4499 mean "do not come back" (y-websocket obeys it)."""

from enum import IntEnum

from fourhands import errors


class CloseCode(IntEnum):
    NORMAL = 1000
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    INVALID_TEXT = 1007
    TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    RESTART = 1012
    INVALID = 4400
    UNAUTHENTICATED = 4401
    FORBIDDEN = 4403
    NO_SUCH_ROOM = 4404
    CONFLICT = 4409
    ROOM_ENDED = 4410
    TOO_LARGE = 4413
    UNAVAILABLE = 4503
    TOO_SLOW = 4508
    TOO_FAST = 4529


CLOSE_CODES: dict[type[errors.FourhandsError], CloseCode] = {
    errors.InvalidRequest: CloseCode.INVALID,
    errors.Unauthenticated: CloseCode.UNAUTHENTICATED,
    errors.Forbidden: CloseCode.FORBIDDEN,
    errors.NotFound: CloseCode.NO_SUCH_ROOM,
    errors.Conflict: CloseCode.CONFLICT,
    errors.Gone: CloseCode.ROOM_ENDED,
    errors.TooLarge: CloseCode.TOO_LARGE,
    errors.LimitExceeded: CloseCode.TOO_FAST,
    errors.TooSlow: CloseCode.TOO_SLOW,
    errors.Unavailable: CloseCode.UNAVAILABLE,
    errors.ProtocolViolation: CloseCode.PROTOCOL_ERROR,
}
"""How each failure leaves as a close code."""


def close_code(error: errors.FourhandsError) -> CloseCode:
    return CLOSE_CODES[type(error)]


def may_be_received(code: int) -> bool:
    """Whether a peer may send this code in a close frame (RFC 6455, sections 7.4.1 and 7.4.2)."""
    return (1000 <= code <= 1014 and code not in (1004, 1005, 1006)) or 3000 <= code <= 4999


REASON_BYTES = 123
"""A close frame's payload is at most 125 bytes: two of them are the code."""


def fit_reason(text: str) -> bytes:
    """`text` as UTF-8, cut at a character so that it fits into a close frame."""
    return text.encode()[:REASON_BYTES].decode(errors="ignore").encode()
