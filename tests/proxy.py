"""A network that fails on demand: it stands between clients and a server and forwards bytes, until told not to."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

CHUNK_BYTES = 1 << 16


@dataclass(eq=False)
class Link:
    """One client's connection and its other half, to the server."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    up: asyncio.Event = field(default_factory=asyncio.Event)
    down: asyncio.Event = field(default_factory=asyncio.Event)


class Proxy:
    """Forwards TCP to `server_url` while it is entered; `url` is where clients go."""

    def __init__(self, server_url: str) -> None:
        self.url = ""
        self.links: list[Link] = []
        self._host, self._port = server_url.removeprefix("http://").split(":")
        self._listening: asyncio.Server

    async def __aenter__(self) -> Self:
        self._listening = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._listening.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._listening.close()
        self.forget_clients()
        for link in self.links:
            link.server.transport.abort()

    def freeze(self) -> None:
        """All that is connected now hears nothing more, either way, and nobody is told: half-open. New connections are well."""
        for link in self.links:
            link.up.clear()
            link.down.clear()

    def stall(self) -> None:
        """Nobody who is connected now reads any more; what they send arrives."""
        for link in self.links:
            link.down.clear()

    def resume(self) -> None:
        for link in self.links:
            link.up.set()
            link.down.set()

    def forget_clients(self) -> None:
        """All clients lose their connections; the server is told only where it is not frozen."""
        for link in self.links:
            link.client.transport.abort()

    async def _connect(self, client_reads: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        server_reads, server = await asyncio.open_connection(self._host, int(self._port), limit=CHUNK_BYTES)
        link = Link(client, server)
        self.links.append(link)
        link.up.set()
        link.down.set()
        await asyncio.gather(self._pump(client_reads, server, link.up), self._pump(server_reads, client, link.down))

    async def _pump(self, reads: asyncio.StreamReader, writes: asyncio.StreamWriter, flows: asyncio.Event) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reads.read(CHUNK_BYTES):
                await flows.wait()
                writes.write(data)
                await writes.drain()
        await flows.wait()
        writes.close()
