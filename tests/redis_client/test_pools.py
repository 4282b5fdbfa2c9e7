"""Everything of ours that talks to Redis does so over TLS, and in a Redis Cluster, whichever node it is told."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import structlog
from redis.exceptions import RedisError

from fourhands.bus.messages import Durable, Message
from fourhands.bus.redis import RedisBus
from fourhands.errors import Unavailable
from fourhands.execution.cluster.connection import connect
from fourhands.execution.port import Data
from fourhands.model.clock import SystemClock
from fourhands.redis_client.reasons import reason
from fourhands.shared_state.redis import RedisState
from tests.authority import Authority
from tests.execution.cluster.conftest import installation_on
from tests.redis_cluster import running_cluster
from tests.redis_server import ANSWER_SECONDS, RedisServer, free_port, needs_redis

pytestmark = needs_redis
PASSWORD = "p@ss/wörd?"
ROOM = "k7f3-9q2m-x4tz"


class SafeRedis(RedisServer):
    """It speaks TLS alone, with a certificate of that authority, and wants a password. `path`: what follows the port in its URLs."""

    def __init__(self, authority: Authority, **wishes: str) -> None:
        certificate, key = authority.certify(**wishes)
        port = free_port()
        files = ("--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-ca-cert-file", str(authority.file), "--tls-auth-clients", "no")
        super().__init__("--port", "0", "--tls-port", str(port), *files, "--requirepass", PASSWORD)
        self.port = port
        self.authority = authority

    def named(self, *, authority: Authority | None = None, password: str = PASSWORD, scheme: str = "rediss") -> str:
        trusted = (authority or self.authority).file
        return f"{scheme}://:{quote(password, safe='')}@127.0.0.1:{self.port}/0" + (f"?ssl_ca_certs={trusted}" if scheme == "rediss" else "")

    def answers(self) -> bool:
        trusting = ssl.create_default_context(cafile=str(self.authority.file))
        trusting.check_hostname = False
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as plain, trusting.wrap_socket(plain) as asked:
            asked.sendall(b"PING\r\n")
            return asked.recv(7).startswith(b"-NOAUTH")
        return False


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def safe(folder: Path) -> Iterator[SafeRedis]:
    server = SafeRedis(Authority(folder))
    server.start()
    yield server
    server.stop()


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a bus tells nobody
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def buses(urls: list[str], shards: int) -> AsyncIterator[list[RedisBus]]:
    """Instances, not reached yet."""
    opened = [RedisBus(url, f"bus{number}".ljust(16, "0"), shards=shards) for number, url in enumerate(urls)]
    try:
        for bus in opened:
            await bus.start(lambda sender, messages: None)
        yield opened
    finally:
        for bus in opened:
            await bus.stop()


async def everything_works(urls: list[str], *, shards: int) -> None:
    """Between two instances and a runner that are told these: rooms of many shards, rates, words, and programs."""
    rooms = [f"{number}{ROOM[1:]}" for number in range(2 * shards)]
    async with buses(urls[:2], shards) as (one, two):
        await until(lambda: one.reached and two.reached)
        heard: dict[str, list[Message]] = {room: [] for room in rooms}
        for room in rooms:
            await two.subscribe(room, lambda sender, messages, room=room: heard[room].extend(messages))
            assert await one.hold(room) == []
            for ticket in range(50):
                one.publish(room, Durable(ticket))
        await until(lambda: all(len(said) == 50 for said in heard.values()))
        assert all([message.ticket for message in said if isinstance(message, Durable)] == list(range(50)) for said in heard.values())
    states = [RedisState(url, "pools", SystemClock(), answer_seconds=ANSWER_SECONDS) for url in urls[:2]]
    for state in states:
        await answered(state)
    await states[0].say("mode", b"closed")
    assert (await states[1].words())["mode"] == b"closed"
    assert [await state.hit("key", 1, 60) for state in states] == [True, False]
    for state in states:
        await state.close()
    async with installation_on(urls[0]) as made:
        await made.runner()
        made.url = urls[-1]
        assert Data("stdout", b"hello\n") in await (await made.server(runners=1)).events("python")


async def answered(state: RedisState) -> None:
    """Whoever asks the wrong node of a cluster is told the right one, and has to ask again."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(Unavailable):
                await state.words()
                return
            await asyncio.sleep(0.05)


async def test_everything_goes_over_tls_with_an_authority_and_a_password_from_the_url(safe: SafeRedis) -> None:
    await everything_works([safe.named()] * 2, shards=2)


async def test_everything_works_in_a_redis_cluster_whichever_node_it_is_told(tmp_path: Path) -> None:
    with running_cluster(tmp_path) as nodes:
        await everything_works([node.url for node in nodes], shards=4)


async def refused(url: str) -> str:
    """What each part says of a Redis that it does not get to; they say the same."""
    said: set[str] = set()
    connection = connect(url)
    with pytest.raises(RedisError) as raised:
        await connection.ping()
    said.add(reason(raised.value))
    await connection.aclose()
    with structlog.testing.capture_logs() as logged:
        state = RedisState(url, "refused", SystemClock(), answer_seconds=ANSWER_SECONDS)
        with pytest.raises(Unavailable):
            await state.words()
        await state.close()
        async with buses([url], 1) as (bus,):
            await until(lambda: any(entry["event"] == "bus.lane_broken" for entry in logged))
            assert not bus.reached
    said |= {str(entry["reason"]) for entry in logged if "reason" in entry}
    assert len(said) == 1, said
    return said.pop()


async def test_a_certificate_that_is_not_to_be_trusted_is_named_in_one_sentence(safe: SafeRedis, folder: Path) -> None:
    assert (await refused(safe.named(authority=Authority(folder, "another")))).startswith("Redis shows a certificate that is not to be trusted (")


async def test_a_certificate_for_another_host_is_not_trusted(folder: Path) -> None:
    elsewhere = SafeRedis(Authority(folder, "elsewhere"), file="elsewhere", host="127.0.0.2")
    elsewhere.start()
    try:
        assert "IP address mismatch" in await refused(elsewhere.named())
    finally:
        elsewhere.stop()


async def test_a_wrong_password_is_named_in_one_sentence_that_does_not_have_it(safe: SafeRedis) -> None:
    assert await refused(safe.named(password="wrong")) == "Redis does not know this user, or this password. See REDIS_URL."


async def test_a_file_of_authorities_that_is_not_there_is_said_to_lack(safe: SafeRedis, tmp_path: Path) -> None:
    missing = safe.named().partition("?")[0] + f"?ssl_ca_certs={tmp_path}/missing.pem"
    assert await refused(missing) == "What REDIS_URL names for TLS cannot be read (No such file or directory)."


async def test_nothing_is_said_in_plain_to_a_redis_without_tls() -> None:
    received = bytearray()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.extend(await reader.read(65536))
        writer.write(b"-ERR unknown command\r\n")
        writer.close()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        said = await refused(f"rediss://:secret-of-ours@127.0.0.1:{port}/0")
    assert said.startswith("There is no TLS to be had from Redis (")
    assert received[0] == 0x16, "a TLS record of a handshake (RFC 8446, 5.1)"
    assert b"secret-of-ours" not in received
    assert b"AUTH" not in received
