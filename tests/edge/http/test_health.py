"""`/healthz` and `/readyz` tell the truth."""

from pathlib import Path

import httpx

from fourhands import __version__


async def test_a_server_that_lives_and_can_serve(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/healthz")).json() == {"status": "ok", "version": __version__}
    assert (await browser.get("/readyz")).json()["status"] == "ready"


async def test_without_its_database_it_lives_but_is_not_ready(browser: httpx.AsyncClient, tmp_path: Path) -> None:
    (tmp_path / "fourhands.db").unlink()
    ready = await browser.get("/readyz")
    assert (ready.status_code, ready.json()["code"]) == (503, "unavailable")
    assert ready.headers["retry-after"]
    assert (await browser.get("/healthz")).status_code == 200
