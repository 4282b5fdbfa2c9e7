"""Which proxies are believed: whom a connection of `/sync` comes from. For HTTP uvicorn asks the same, before a request is here.

The rightmost address of `X-Forwarded-For` that is no trusted proxy: what stands left of it the client may have written itself.
"""

from collections.abc import Iterable

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from fourhands.model.addresses import canonical_address


class Proxies:
    """`trusted`: addresses and networks, comma-separated; `*`: all, and so is every client that names others."""

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
