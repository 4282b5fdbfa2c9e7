"""Pools of connections that follow what they ask for to the node of a Redis Cluster that has it.

Whoever uses a pool keeps all of its keys below one hash tag, so that one node has them all. Where that is not the one of the URL, or not any more, the
first command is refused with the node's address (MOVED); it fails, and whatever is asked next goes there. When that node is not reached, the one of
the URL is asked again. Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/, "Redirection and resharding".
"""

from typing import Any, cast

from redis.asyncio.connection import AbstractConnection, BlockingConnectionPool, Connection, ConnectionPool, SSLConnection
from redis.exceptions import MovedError, RedisError


class _Following(AbstractConnection):
    """`node`: where its pool's connections are made to, shared by them; `home`: where the URL says."""

    node: dict[str, Any]
    home: tuple[str, int]

    async def _connect(self) -> None:
        try:
            self._go(self.node["host"], self.node["port"])
            await super()._connect()
        except (OSError, RedisError):
            self.node["host"], self.node["port"] = self.home
            raise

    async def read_response(self, *args: Any, **options: Any) -> Any:
        try:
            return await super().read_response(*args, **options)  # pyright: ignore[reportUnknownVariableType]
        except MovedError as moved:
            self.node["host"], self.node["port"] = str(cast("Any", moved).host) or self.node["host"], moved.port  # no host: the same
            await self.disconnect(nowait=True)
            raise

    def _go(self, host: str, port: int) -> None:
        cast("Any", self).host, cast("Any", self).port = host, port


class FollowingConnection(_Following, Connection):
    """By TCP."""


class FollowingSSLConnection(_Following, SSLConnection):
    """By TLS."""


_KINDS: dict[object, type[_Following]] = {Connection: FollowingConnection, SSLConnection: FollowingSSLConnection}


class FollowingPool(ConnectionPool):
    """Any number of connections."""

    def make_connection(self) -> AbstractConnection:
        made = super().make_connection()
        if isinstance(made, _Following):
            made.node = self.connection_kwargs
            made.home = cast("Any", self).home
        return made


class BlockingFollowingPool(BlockingConnectionPool, FollowingPool):
    """So many connections; who wants one more waits."""


def pool_of(url: str, kind: type[FollowingPool] = FollowingPool, **options: Any) -> Any:
    """A pool for `redis://`, `rediss://` or `unix://`. Raises `ValueError` for what is no such URL."""
    pool: Any = cast("Any", kind).from_url(url, **options)
    if (following := _KINDS.get(pool.connection_class)) is not None:
        pool.connection_class = following
        values = pool.connection_kwargs
        values.setdefault("host", "localhost")
        values.setdefault("port", 6379)
        pool.home = values["host"], values["port"]
    return pool
