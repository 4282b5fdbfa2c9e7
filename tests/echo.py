"""An echo server for tests of the WebSocket layer alone: the very same server, but each message goes back to its sender.

`python -m tests.echo [--port N]` prints its address and serves until it is ended; it is not part of what is installed.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path
from typing import cast

import uvicorn
from picows import WSUpgradeRequest, WSUpgradeResponseWithListener

from fourhands.app import Server, create_app, listen
from fourhands.edge.ws.connection import Connection
from fourhands.edge.ws.door import Asked
from fourhands.edge.ws.hub import Hub
from fourhands.edge.ws.inbox import Inbox
from fourhands.edge.ws.upgrade import SyncProtocol
from fourhands.protocol.websocket import BINARY, TEXT, frame
from fourhands.settings import Settings

MESSAGE_BYTES = 32 * 1024 * 1024
FRAGMENTS = 1 << 20
"""The suite sends 16 MiB, and messages in many thousands of fragments."""


class EchoConnection(Connection):
    """Admits everybody, to no room; text is welcome."""

    def __init__(self, hub: Hub, asked: Asked) -> None:
        super().__init__(hub, asked)
        self._inbox = Inbox(hub.place.limits.message_bytes, hub.place.limits.fragments, text=True)

    async def _admit(self) -> None:
        pass

    def _take(self, message: bytes) -> None:
        self._outbox.put(frame(message, TEXT if self._inbox.is_text else BINARY))


class EchoProtocol(SyncProtocol):
    """Any path is an echo."""

    connection = EchoConnection

    def _answer(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener | None:
        request.path = b"/sync/echo"
        return super()._answer(request)


def serve(port: int) -> None:
    """Serve on a port (0: a free one) until a signal comes. The database is thrown away afterwards."""
    with tempfile.TemporaryDirectory() as folder, listen("127.0.0.1", port) as listening:
        settings = Settings(
            data_dir=Path(folder), rate_limits="off", message_bytes=MESSAGE_BYTES, fragments=FRAGMENTS, outbox_bytes=4 * MESSAGE_BYTES, drain_seconds=1
        )
        config = uvicorn.Config(
            create_app(settings),
            ws=cast("type[asyncio.Protocol]", EchoProtocol),
            http="httptools",
            loop="uvloop",
            lifespan="on",
            log_level="warning",
        )
        address = "http://{}:{}".format(*listening.getsockname())
        Server(config, lambda: print(f"Open {address}", flush=True)).run([listening])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--port", type=int, default=0)
    serve(parser.parse_args().port)
