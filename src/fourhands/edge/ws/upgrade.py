"""uvicorn's `ws` protocol class: takes the upgrade that uvicorn has parsed and hands the transport to picows for good.

Handed-over connections stay in uvicorn's set, so that draining counts them.
"""

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

from picows import WSAutoPingStrategy, WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from fourhands.edge.ws.connection import Connection
from fourhands.edge.ws.door import SUBPROTOCOL, read_request
from fourhands.edge.ws.hub import Hub

if TYPE_CHECKING:
    from picows import WSListener, WSTransport

    class WSProtocol(asyncio.BufferedProtocol):
        """What picows does not declare in its stubs."""

        transport: WSTransport | None
        listener: WSListener | None

        def __init__(self, *args: object) -> None: ...
else:
    from picows.picows import WSProtocol

HANDSHAKE_SECONDS = 10
READ_BUFFER_BYTES = 2048

logging.getLogger("fourhands.picows").setLevel(logging.CRITICAL)  # it logs every connection and every address; we log what matters ourselves
_quiet = logging.LoggerAdapter(logging.getLogger("fourhands.picows"))  # of a plain `Logger` picows makes one more for each connection
_FORGOTTEN = WSUpgradeResponse.create_101_response().headers
"""No headers, for all connections: emptied ones of their own would keep 300 bytes for each."""
_FORGOTTEN.clear()


class SyncProtocol(WSProtocol):
    """One upgraded connection; everything after the handshake is `Connection`, or what a subclass names."""

    __slots__ = ("_hub", "_server_state")

    connection: type[Connection] = Connection

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        self._server_state = server_state
        self._hub: Hub = app_state["hub"]
        super().__init__(
            None, None, False, self._answer, _quiet, True, HANDSHAKE_SECONDS,
            False, 1, 1, WSAutoPingStrategy.PING_WHEN_IDLE, False,  # no pings and pongs of picows' own
            self._hub.place.limits.message_bytes, None, READ_BUFFER_BYTES,
        )  # fmt: skip

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        _free(cast("asyncio.Transport", transport).get_protocol())
        self._server_state.connections.add(cast("Any", self))  # uvicorn asks for `shutdown()` alone
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server_state.connections.discard(cast("Any", self))
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The request, as uvicorn hands it over; what follows arrives through picows' own buffer."""
        head = plain_connection_header(data)
        done = 0
        while done < len(head):
            space = memoryview(self.get_buffer(len(head) - done))
            size = min(len(space), len(head) - done)
            space[:size] = head[done : done + size]
            self.buffer_updated(size)
            done += size
        self._forget_handshake()

    def _forget_handshake(self) -> None:
        """What was asked and answered is done with; picows would keep it, a token too, as long as the connection."""
        if self.transport and self.transport.request:
            self.transport.request.path = b""
            self.transport.request.headers = _FORGOTTEN
            if self.transport.response:
                self.transport.response.headers = _FORGOTTEN

    def shutdown(self) -> None:
        """uvicorn stops."""
        if isinstance(self.listener, Connection):
            self.listener.shut_down()
        elif self.transport is not None:
            self.transport.disconnect()

    def _answer(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener | None:
        asked = read_request(request, self._hub.root_path, self._client(request))
        if asked is None:
            return None  # picows answers 404
        extra = {"Sec-WebSocket-Protocol": SUBPROTOCOL} if asked.events else None
        return WSUpgradeResponseWithListener(WSUpgradeResponse.create_101_response(extra), self.connection(self._hub, asked))

    def _client(self, request: WSUpgradeRequest) -> str:
        """The client's address; uvicorn's look at the proxies' headers does not reach connections that are handed over."""
        peer = cast("object", self.transport.underlying_transport.get_extra_info("peername")) if self.transport else None
        address = cast("tuple[object, ...]", peer)[0] if isinstance(peer, tuple) and peer else ""
        return self._hub.proxies.client(str(address), request.headers.getall("x-forwarded-for", []))


def _free(before: asyncio.BaseProtocol) -> None:
    """uvicorn's HTTP protocol has handed its connection over. It and its parser hold each other: without this the garbage
    collector would find them, dozens of objects for each connection, and stop everybody meanwhile."""
    if isinstance(before, HttpToolsProtocol):
        before.parser = None


def plain_connection_header(head: bytes) -> bytes:
    """`Connection: keep-alive, Upgrade`, as browsers send it, as picows wants it: `Connection: Upgrade`."""
    lines = head.split(b"\r\n")
    for number, line in enumerate(lines):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"connection" and b"upgrade" in [token.strip().lower() for token in value.split(b",")]:
            lines[number] = b"Connection: Upgrade"
    return b"\r\n".join(lines)
