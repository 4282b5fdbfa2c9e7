"""The error family: flat, each class with a stable wire `code`. Knows no HTTP and no WebSocket.

Every edge maps each class once (`edge/http/error_map.py`, `protocol/close.py`); a test walks `__subclasses__()`.

    FourhandsError
    ├── InvalidRequest      what was sent makes no sense
    ├── Unauthenticated     who are you?
    ├── Forbidden           you may not
    ├── NotFound            there is no such thing
    ├── Conflict            it clashes with what is there
    ├── Gone                it was there and has ended
    ├── TooLarge            past a size limit
    ├── LimitExceeded       past a rate limit; `retry_after_seconds`
    ├── TooSlow             the receiver does not keep up
    ├── Unavailable         something that we depend on is away
    └── ProtocolViolation   not the protocol that was agreed on
"""

from typing import ClassVar


class FourhandsError(Exception):
    """Base of all failures that have a meaning on the wire; `str(error)` is a sentence for people."""

    code: ClassVar[str]


class InvalidRequest(FourhandsError):
    code = "invalid_request"


class Unauthenticated(FourhandsError):
    code = "unauthenticated"


class Forbidden(FourhandsError):
    code = "forbidden"


class NotFound(FourhandsError):
    code = "not_found"


class Conflict(FourhandsError):
    code = "conflict"


class Gone(FourhandsError):
    code = "gone"


class TooLarge(FourhandsError):
    code = "too_large"


class LimitExceeded(FourhandsError):
    """`standing`: a `model.rate.Standing` where the rate is one that clients are told of (`guard/rates.py`)."""

    code = "limit_exceeded"

    def __init__(self, message: str, retry_after_seconds: float, standing: object = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        self.standing = standing


class TooSlow(FourhandsError):
    code = "too_slow"


class Unavailable(FourhandsError):
    """`dependency` names what is away: "database", "disk" ... `untouched`: it is certain that nothing was done of what was asked for."""

    code = "unavailable"

    def __init__(self, message: str, dependency: str, *, untouched: bool = False) -> None:
        super().__init__(message)
        self.dependency = dependency
        self.untouched = untouched


class ProtocolViolation(FourhandsError):
    code = "protocol_violation"
