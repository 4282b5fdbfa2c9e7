"""`/healthz` and `/readyz` tell the truth."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from fourhands import __version__
from fourhands.app import create_app
from fourhands.edge.http import health, routes
from fourhands.execution.admission import SlidingWindow
from fourhands.execution.executor import Executor, Off
from fourhands.execution.queue import QueueLimits
from fourhands.execution.turns import Turns
from fourhands.model.clock import SystemClock
from fourhands.running import Running
from fourhands.settings import Settings
from fourhands.shared_state.likeness import STRANGERS
from tests.edge.http.conftest import OWN
from tests.redis_server import RedisServer, needs_redis


async def test_a_server_that_lives_and_can_serve(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/healthz")).json() == {"status": "ok", "version": __version__}
    assert (await browser.get("/readyz")).json()["status"] == "ready"


class Pending(Off):
    is_pending = True


async def test_it_is_not_ready_until_the_sandbox_was_tested(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    running = Running(settings, SystemClock())
    running.executor = Executor(source := Pending(), Turns(QueueLimits()), SlidingWindow(SystemClock()))
    app = create_app(settings, running)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN) as client:
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["code"]) == (503, "unavailable")
        assert "tested" in ready.json()["detail"]
        source.is_pending = False
        ready = await client.get("/readyz")
        assert ready.json()["status"] == "ready"
        assert ready.json()["off"] == [f"{Off.health.sentence} {Off.health.mend}"]


async def test_without_its_database_it_lives_but_is_not_ready(browser: httpx.AsyncClient, quick_dir: Path) -> None:
    (quick_dir / "fourhands.db").unlink()
    ready = await browser.get("/readyz")
    assert (ready.status_code, ready.json()["code"]) == (503, "unavailable")
    assert ready.headers["retry-after"]
    assert (await browser.get("/healthz")).status_code == 200


@contextlib.asynccontextmanager
async def served(folder: Path, **settings: str) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings.model_validate({"data_dir": folder, "runner": "off", **settings}))
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN) as client:
        yield client


@pytest.mark.parametrize("needs", ["", "pages"])
async def test_pages_that_are_not_there_make_it_unready_where_the_operator_says_so(quick_dir: Path, monkeypatch: pytest.MonkeyPatch, needs: str) -> None:
    monkeypatch.setattr(routes, "STATIC", quick_dir / "nothing")
    async with served(quick_dir, ready_needs=needs) as client:
        ready = await client.get("/readyz")
    if needs:
        assert (ready.status_code, ready.json()["detail"]) == (503, health.NO_PAGES)
    else:
        assert ready.status_code == 200


async def test_programs_make_it_unready_where_the_operator_says_so(quick_dir: Path) -> None:
    async with served(quick_dir, ready_needs=" programs , pages") as client:
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.headers["retry-after"]) == (503, "5")
        assert Off.health.sentence in ready.json()["detail"]
        assert (await client.get("/healthz")).status_code == 200


@needs_redis
@pytest.mark.parametrize("needs", ["", "redis"])
async def test_a_redis_that_is_away_is_named_or_makes_it_unready(quick_dir: Path, needs: str) -> None:
    redis = RedisServer()
    redis.start()
    try:
        async with served(quick_dir, ready_needs=needs, redis_url=redis.url, redis_prefix=redis.prefix()) as client:
            while (ready := await client.get("/readyz")).status_code != 200 or "Redis" in ready.text:  # noqa: ASYNC110 - a busy machine may find it slow at first
                await asyncio.sleep(0.05)
            redis.kill()
            ready = await client.get("/readyz")
            assert ready.status_code == (503 if needs else 200)
            assert "Redis does not answer" in ready.text
    finally:
        redis.stop()


@needs_redis
async def test_who_has_another_secret_than_the_others_is_not_ready(redis_server: RedisServer, tmp_path: Path) -> None:
    same = {"redis_url": redis_server.url, "redis_prefix": redis_server.prefix()}
    async with served(tmp_path / "one", secret_key="a" * 32, **same) as one:
        await until_answered(one, 200, "")
        async with served(tmp_path / "other", secret_key="b" * 32, **same) as other:
            await until_answered(other, 503, STRANGERS)
            await until_answered(one, 200, "")


async def until_answered(client: httpx.AsyncClient, status: int, words: str) -> None:
    """Until `/readyz` says so."""
    async with asyncio.timeout(60):
        while True:
            ready = await client.get("/readyz")
            if ready.status_code == status and words in ready.text:
                return
            await asyncio.sleep(0.05)


async def test_a_database_that_never_answers_has_its_time(quick_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PROBE_SECONDS", 0.01)
    app = create_app(Settings(data_dir=quick_dir, runner="off"))
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN) as client:

        async def never(room_id: str) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(app.state.place.store, "room", never)
        ready = await client.get("/readyz")
    assert (ready.status_code, "did not answer" in ready.json()["detail"]) == (503, True)
