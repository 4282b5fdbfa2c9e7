"""`/api/languages`."""

import httpx


async def test_every_language_is_listed_and_five_run_in_the_browser(browser: httpx.AsyncClient) -> None:
    shown = {one["id"]: one for one in (await browser.get("/api/languages")).json()}
    assert len(shown) >= 20
    assert {one["runtime"] for one in shown.values() if one["where"] == ["browser"]} == {"python", "javascript", "typescript", "html", "sqlite"}
    assert shown["rust"]["where"] == []
    assert shown["python"]["extension"] == "py"
