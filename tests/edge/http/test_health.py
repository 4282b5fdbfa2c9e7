"""`/healthz` and `/readyz` tell the truth."""

from pathlib import Path

import httpx

from fourhands import __version__
from fourhands.app import create_app
from fourhands.execution.admission import SlidingWindow
from fourhands.execution.executor import Executor, Off
from fourhands.execution.queue import QueueLimits
from fourhands.execution.turns import Turns
from fourhands.model.clock import SystemClock
from fourhands.running import Running
from fourhands.settings import Settings
from tests.edge.http.conftest import OWN


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
