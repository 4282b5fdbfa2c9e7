"""nginx as compose.yml configures it, before real servers: TLS, WebSockets, what it lets nobody see, and what it does not write down."""

from pathlib import Path

import httpx
import pytest
import websockets

from tests.cluster.parts import ComposedRedis
from tests.cluster.topology import Backends, Cluster
from tests.wire.client import Client, Room


async def test_a_room_is_opened_and_joined_by_tls(cluster: Cluster) -> None:
    assert cluster.url.startswith("https://")
    room = Room.open(cluster.url)
    assert str(room.opened["url"]).startswith(f"{cluster.url}/r/")
    async with Client(room.url, room.id, room.host) as ada:
        assert ada.address.startswith("wss://")
        await ada.event("welcome")


def test_who_comes_without_tls_is_sent_to_it(cluster: Cluster) -> None:
    answer = httpx.get(f"http://127.0.0.1:{cluster.nginx.plain_port}/r/some-room?token=secret")
    assert answer.status_code == 308
    assert answer.headers["location"] == "https://127.0.0.1/r/some-room?token=secret"
    assert httpx.get(f"http://127.0.0.1:{cluster.nginx.plain_port}/nginx-is-up").status_code == 204


def test_browsers_are_told_to_come_by_tls_alone(cluster: Cluster) -> None:
    assert "strict-transport-security" in httpx.get(f"{cluster.url}/api/languages").headers


def test_metrics_are_nobodys_business_outside(cluster: Cluster) -> None:
    assert httpx.get(f"{cluster.url}/metrics").status_code == 404


def test_every_instance_is_ready_and_each_takes_its_turn(cluster: Cluster) -> None:
    for instance in cluster.instances:
        assert httpx.get(f"{instance.url}/readyz").status_code == 200, instance.log
    for _ in range(4 * len(cluster.instances)):
        assert httpx.get(f"{cluster.url}/healthz").status_code == 200
    served = (cluster.folder / "access.log").read_text()
    assert [instance.port for instance in cluster.instances if f'"server":"127.0.0.1:{instance.port}"' not in served] == []


async def test_a_token_in_an_address_is_not_written_down(cluster: Cluster) -> None:
    room = Room.open(cluster.url)
    async with Client(room.url, room.id, room.host):
        pass
    with pytest.raises(websockets.InvalidStatus):
        await websockets.connect(f"{cluster.url.replace('https', 'wss')}/no-such-place?token={room.host}")
    logs = (cluster.folder / "access.log").read_text() + cluster.nginx.log
    assert "/no-such-place" in logs
    assert room.host not in logs


def test_redis_wants_its_password(backends: Backends, tmp_path: Path) -> None:
    redis = ComposedRedis(backends.compose()["redis"], tmp_path)
    redis.start()
    try:
        assert redis.answers()
        redis.password = "another"
        assert not redis.answers()
    finally:
        redis.stop()
