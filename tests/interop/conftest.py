"""Clients that are not ours, for the tests of this folder; browser and server are those of tests/e2e."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from hatch_build import Node
from tests.e2e.fixtures import chromium, people, server
from tests.interop.node_client import YWebsocketClient, node_with_packages
from tests.wire.conftest import start_server

__all__ = ["chromium", "people", "server", "start_server"]

JoinByYWebsocket = Callable[..., Awaitable[YWebsocketClient]]


@pytest.fixture(scope="session")
def node() -> Node:
    """A Node that has y-websocket."""
    return node_with_packages()


@pytest_asyncio.fixture(loop_scope="session")
async def join_by_y_websocket(node: Node) -> AsyncIterator[JoinByYWebsocket]:
    """Starts y-websocket clients: server's URL, room, token, and `speed` of its clock. They end with the test."""
    clients: list[YWebsocketClient] = []

    async def join(server_url: str, room: str, token: str, *, speed: float = 1) -> YWebsocketClient:
        clients.append(await YWebsocketClient.join(node, server_url, room, token, speed))
        return clients[-1]

    yield join
    await asyncio.gather(*(client.end() for client in clients))
