"""An echo server for tests of the WebSocket layer alone: the very same server, but each message goes back to its sender.

`python -m tests.echo` prints its address and serves until it is ended; it is not part of what is installed.
"""

import argparse
import tempfile
from pathlib import Path

from picows import WSUpgradeRequest, WSUpgradeResponseWithListener

from fourhands import serving
from fourhands.edge.ws.connection import Connection
from fourhands.edge.ws.upgrade import SyncProtocol
from fourhands.protocol.websocket import BINARY, TEXT, frame
from fourhands.settings import Settings

MESSAGE_BYTES = 32 * 1024 * 1024
FRAGMENTS = 1 << 20
"""The suite sends 16 MiB, and messages in many thousands of fragments."""


class EchoConnection(Connection):
    """Admits everybody, to no room; text is welcome."""

    accepts_text = True

    async def _admit(self) -> None:
        pass

    def _take(self, message: bytes) -> None:
        self._outbox.put(frame(message, TEXT if self._inbox is not None and self._inbox.is_text else BINARY))


class EchoProtocol(SyncProtocol):
    """Any path is an echo."""

    connection = EchoConnection

    def _answer(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener | None:
        request.path = b"/sync/echo"
        return super()._answer(request)


def serve_echo(port: int, message_bytes: int, fragments: int) -> None:
    """Serve on a port (0: a free one) until a signal comes. The database is thrown away afterwards."""
    serving.SyncProtocol = EchoProtocol  # the one thing that differs
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            port=port,
            data_dir=Path(folder),
            log_level="error",
            rate_limits="off",
            heartbeat_seconds=3600,  # the suite answers pings also in the middle of a frame that it sends in pieces
            message_bytes=message_bytes,
            fragments=fragments,
            outbox_bytes=4 * MESSAGE_BYTES,
        )
        serving.serve(settings, started=lambda address: print(f"Open {address}", flush=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--message-bytes", type=int, default=MESSAGE_BYTES)
    parser.add_argument("--fragments", type=int, default=FRAGMENTS)
    asked = parser.parse_args()
    serve_echo(asked.port, asked.message_bytes, asked.fragments)
