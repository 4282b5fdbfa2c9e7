"""Who may read `/metrics`, and that what is served is what the catalog says."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from fourhands.app import create_app
from fourhands.edge.http.metrics import FORWARDED
from fourhands.metrics.catalog import CATALOG
from fourhands.settings import Settings

TOKEN = "a-long-token-of-prometheus"
HERE, ELSEWHERE = "127.0.0.1", "192.0.2.7"


@contextlib.asynccontextmanager
async def reader(folder: Path, *, client: str = HERE, host: str = "localhost", **settings: str) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings.model_validate({"data_dir": folder, "runner": "off", **settings}))
    transport = httpx.ASGITransport(app, client=(client, 1))
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as made:
        yield made


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000"])
async def test_without_a_setting_this_machine_may_read(quick_dir: Path, host: str) -> None:
    async with reader(quick_dir, host=host) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("client", "host"), [(ELSEWHERE, "localhost"), (HERE, "rooms.example.org"), (HERE, "localhost.example.org"), ("unix", "localhost")])
async def test_nobody_else_may_read(quick_dir: Path, client: str, host: str) -> None:
    async with reader(quick_dir, client=client, host=host) as browser:
        answer = await browser.get("/metrics")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert "fourhands_rooms" not in answer.text


async def test_what_a_proxy_hands_on_is_not_of_this_machine(quick_dir: Path) -> None:
    async with reader(quick_dir) as client:
        assert {(await client.get("/metrics", headers={name: HERE})).status_code for name in FORWARDED} == {401}


async def test_the_token_lets_in_from_elsewhere_and_no_other_does(quick_dir: Path) -> None:
    async with reader(quick_dir, client=ELSEWHERE, host="rooms.example.org", metrics_token=TOKEN) as client:
        assert (await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})).status_code == 200
        for wrong in ("x", TOKEN[:-1], TOKEN + "x", "ключ"):
            assert (await client.get("/metrics", headers=[(b"authorization", f"Bearer {wrong}".encode())])).status_code == 401


async def test_a_token_where_none_is_set_lets_nobody_in(quick_dir: Path) -> None:
    async with reader(quick_dir) as client:
        assert (await client.get("/metrics", headers={"Authorization": "Bearer "})).status_code == 200
        assert (await client.get("/metrics", headers={"Authorization": "Bearer x"})).status_code == 401


async def test_off_is_off_for_everybody(quick_dir: Path) -> None:
    async with reader(quick_dir, metrics="off", metrics_token=TOKEN) as client:
        for headers in ({}, {"Authorization": f"Bearer {TOKEN}"}):
            assert (await client.get("/metrics", headers=headers)).status_code == 404


async def test_open_is_open(quick_dir: Path) -> None:
    async with reader(quick_dir, client=ELSEWHERE, host="rooms.example.org", metrics="open") as client:
        assert (await client.get("/metrics")).status_code == 200


async def test_what_is_served_is_in_the_catalog_with_its_labels(quick_dir: Path) -> None:
    known = {metric.name: metric for metric in CATALOG}
    async with reader(quick_dir) as client:
        await client.get("/api/rooms/nobody-knows-it")
        families = list(text_string_to_metric_families((await client.get("/metrics")).text))
    assert {family.name for family in families} >= {metric.name for metric in CATALOG if not metric.labels and "_bus_" not in metric.name}
    for family in families:
        metric = known[family.name]
        assert (family.type, family.documentation) == (metric.kind, metric.help)
        assert all(set(sample.labels) - {"le"} == set(metric.labels) for sample in family.samples)


async def test_no_rate_counts_those_who_read(quick_dir: Path) -> None:
    async with reader(quick_dir, api_requests_per_15_minutes="1") as client:
        assert {(await client.get("/metrics")).status_code for _ in range(5)} == {200}
