"""The hand-over from uvicorn; the upgraded connection is tested over the wire (tests/wire)."""

import gc
import socket
import weakref
from types import SimpleNamespace
from typing import Any, cast

import pytest
from picows import WSListener, WSTransport
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from fourhands.edge.proxies import Proxies
from fourhands.edge.ws.door import Asked
from fourhands.edge.ws.upgrade import SyncProtocol, plain_connection_header
from fourhands.model.addresses import UNKNOWN
from fourhands.model.limits import Limits


@pytest.mark.parametrize("value", [b"keep-alive, Upgrade", b"Upgrade", b"upgrade,keep-alive", b" keep-alive ,  UPGRADE "])
def test_a_connection_header_with_upgrade_in_it_becomes_upgrade(value: bytes) -> None:
    head = b"GET /sync/a HTTP/1.1\r\nhost: a\r\nconnection: " + value + b"\r\nx-connection: keep-alive, Upgrade\r\n\r\n"
    assert plain_connection_header(head) == b"GET /sync/a HTTP/1.1\r\nhost: a\r\nConnection: Upgrade\r\nx-connection: keep-alive, Upgrade\r\n\r\n"


def test_one_without_it_stays() -> None:
    head = b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n"
    assert plain_connection_header(head) == head


class Transport:
    """What picows asks of an asyncio transport while it shakes hands, over a socket that nobody reads."""

    def __init__(self, wire: socket.socket, protocol: object = None, peer: object = None) -> None:
        self.wire = wire
        self.peer = peer
        self.protocol = protocol

    def get_protocol(self) -> object:
        return self.protocol

    def get_extra_info(self, name: str) -> object:
        return {"socket": self.wire, "peername": self.peer}.get(name)

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None) -> None: ...

    def write(self, data: bytes) -> None:
        pass


class Quiet(WSListener):
    def __init__(self, *_: object) -> None:
        super().__init__()

    def on_ws_connected(self, transport: WSTransport) -> None:
        pass


class QuietProtocol(SyncProtocol):
    connection = cast("Any", Quiet)


async def test_nothing_of_the_request_is_kept_with_the_connection() -> None:
    """The token is in it; and it would be a kilobyte for each."""
    hub = SimpleNamespace(place=SimpleNamespace(limits=Limits()), root_path="", proxies=Proxies("127.0.0.1"))
    head = b"GET /sync/a?token=secret HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\ncookie: fourhands=secret\r\n"
    head += b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: fourhands.v1\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname()) as wire:
        protocol = QuietProtocol(Config("app", log_config=None), ServerState(), {"hub": hub})
        protocol.connection_made(cast("Any", Transport(wire)))
        protocol.data_received(head)
        assert protocol.transport is not None
        assert (protocol.transport.request.path, len(protocol.transport.request.headers), len(protocol.transport.response.headers)) == (b"", 0, 0)


class Asking(Quiet):
    """Keeps what was asked."""

    asked: list[Asked] = []  # noqa: RUF012

    def __init__(self, _: object, asked: Asked) -> None:
        super().__init__()
        self.asked.append(asked)


class AskingProtocol(SyncProtocol):
    connection = cast("Any", Asking)


@pytest.mark.parametrize(
    ("peer", "address"),
    [(("127.0.0.1", 9), "198.51.100.1"), (("192.0.2.7", 9), "192.0.2.7"), (("::ffff:192.0.2.7", 9, 0, 0), "192.0.2.7"), ("", UNKNOWN), (None, UNKNOWN)],
)
async def test_a_connection_comes_from_where_a_trusted_proxy_says(peer: object, address: str) -> None:
    hub = SimpleNamespace(place=SimpleNamespace(limits=Limits()), root_path="", proxies=Proxies("127.0.0.1"))
    head = b"GET /sync/a HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\nx-forwarded-for: 1.1.1.1\r\n"
    head += b"X-Forwarded-For: 2.2.2.2, 198.51.100.1\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname()) as wire:
        protocol = AskingProtocol(Config("app", log_config=None), ServerState(), {"hub": hub})
        protocol.connection_made(cast("Any", Transport(wire, peer=peer)))
        protocol.data_received(head)
    assert Asking.asked.pop().address == address


async def test_what_uvicorn_leaves_is_freed_without_the_garbage_collector() -> None:
    config = Config("app", interface="asgi3", lifespan="off", log_config=None)
    config.loaded, config.loaded_app = True, None
    config.ws_protocol_class = None
    before = HttpToolsProtocol(config, ServerState(), {})
    gone = weakref.ref(before)
    hub = SimpleNamespace(place=SimpleNamespace(limits=Limits()), root_path="", proxies=Proxies("127.0.0.1"))
    gc.disable()
    try:
        with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname()) as wire:
            transport = Transport(wire, before)
            QuietProtocol(config, ServerState(), {"hub": hub}).connection_made(cast("Any", transport))
        transport.protocol = None  # uvicorn sets ours
        del before
        assert gone() is None
    finally:
        gc.enable()
