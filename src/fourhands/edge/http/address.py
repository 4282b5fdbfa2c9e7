"""Where a request comes from: the connection's other end or, behind proxies that are trusted, the client that they name.

The rightmost address of `X-Forwarded-For` that is no trusted proxy: what stands left of it the client may have written itself.
For HTTP uvicorn has done that by the time a request is here; connections of `/sync` never pass there.
"""

from collections.abc import Iterable

from starlette.requests import HTTPConnection
from starlette.types import Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from fourhands.model.addresses import UNKNOWN, canonical_address


def address_of(asked: HTTPConnection | Scope) -> str:
    """The client's address in its one form, `UNKNOWN` if it is none: what a socket in the file system or a wrong proxy gives."""
    scope = asked.scope if isinstance(asked, HTTPConnection) else asked
    client: tuple[str, int] | None = scope.get("client")
    return canonical_address(client[0]) if client else UNKNOWN


class Proxies:
    """Which proxies are believed: addresses and networks, comma-separated; `*`: all, and so is every client that names others."""

    def __init__(self, trusted: str) -> None:
        self._trusted = ProxyHeadersMiddleware(_nothing, trusted).trusted_hosts  # the same rules as for HTTP

    def client(self, peer: str, forwarded_for: Iterable[str]) -> str:
        """The client's address. `peer`: the connection's other end; `forwarded_for`: all `X-Forwarded-For` headers, in their order."""
        named = ", ".join(forwarded_for)
        if not named or peer not in self._trusted:
            return canonical_address(peer)
        return canonical_address(self._trusted.get_trusted_client_address(named)[0] or peer)


async def _nothing(*_: object) -> None:
    """The application behind that middleware, which is never called."""
