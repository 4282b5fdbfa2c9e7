"""Whoever does not read is cut off, and nothing of what was on its way to them is kept."""

import asyncio
import socket
from typing import cast

import pytest
import uvloop

from fourhands.edge.abort import abort
from fourhands.edge.ws.outbox import Wire


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_the_other_side_is_reset_with_what_it_did_not_read(run) -> None:
    async def scenario() -> None:
        connected: asyncio.Future[Wire] = asyncio.get_running_loop().create_future()

        class Ours(asyncio.Protocol):
            def connection_made(self, transport) -> None:
                connected.set_result(cast("Wire", transport))

        server = await asyncio.get_running_loop().create_server(Ours, "127.0.0.1", 0)
        theirs = socket.create_connection(server.sockets[0].getsockname())
        transport = await connected
        transport.write(b"x" * (64 << 20))
        abort(transport)
        abort(transport)
        await asyncio.to_thread(read_until_reset, theirs)
        server.close()

    run(scenario())


def read_until_reset(wire: socket.socket) -> None:
    wire.settimeout(20)
    with wire, pytest.raises(ConnectionResetError):
        while wire.recv(1 << 20):
            pass
