"""Where a request comes from: the connection's other end or, behind proxies that are trusted, the client that they name."""

from starlette.requests import HTTPConnection
from starlette.types import Scope

from fourhands.model.addresses import UNKNOWN, canonical_address


def address_of(asked: HTTPConnection | Scope) -> str:
    """The client's address in its one form, `UNKNOWN` if it is none: what a socket in the file system or a wrong proxy gives.

    uvicorn has asked the proxies that `FOURHANDS_TRUSTED_PROXIES` names; connections of `/sync` ask `edge/proxies.py`.
    """
    scope = asked.scope if isinstance(asked, HTTPConnection) else asked
    client: tuple[str, int] | None = scope.get("client")
    return canonical_address(client[0]) if client else UNKNOWN
