"""Other sites' pages: listed ones may read the API, with cookies; no other may, whatever it calls itself."""

from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from fourhands.app import create_app
from fourhands.settings import Settings

OWN, LISTED = "http://fourhands.test", "https://notes.example.org"


async def ask(tmp_path: Path, method: str = "GET", path: str = "/api/languages", **headers: str) -> httpx.Response:
    app = create_app(Settings(data_dir=tmp_path, allowed_origins=(LISTED,)))
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN) as client:
        return await client.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_a_listed_page_reads_answers_with_its_cookies(tmp_path: Path) -> None:
    answer = await ask(tmp_path, origin=LISTED)
    assert (answer.headers["access-control-allow-origin"], answer.headers["access-control-allow-credentials"]) == (LISTED, "true")
    assert "origin" in answer.headers["vary"].lower()
    assert "Retry-After" in answer.headers["access-control-expose-headers"]


async def test_it_may_ask_before_it_sends(tmp_path: Path) -> None:
    wishes = {"access_control_request_method": "PATCH", "access_control_request_headers": "authorization, content-type"}
    answer = await ask(tmp_path, "OPTIONS", "/api/rooms/k7f3-9q2m-x4tz", origin=LISTED, **wishes)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, LISTED)
    assert "PATCH" in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://notes.example.org", "https://notes.example.org.evil.example", "https://notes.example.org:444", "*", OWN, ""],
)
async def test_no_other_page_is_let_read_anything(tmp_path: Path, origin: str) -> None:
    answer = await ask(tmp_path, origin=origin)
    assert "access-control-allow-origin" not in answer.headers
    before = await ask(tmp_path, "OPTIONS", "/api/rooms", origin=origin, access_control_request_method="POST")
    assert before.status_code == 400 and "access-control-allow-origin" not in before.headers


async def test_pages_and_assets_are_for_nobody_elses_scripts(tmp_path: Path) -> None:
    for path in ("/", "/healthz", "/openapi.json"):
        assert "access-control-allow-origin" not in (await ask(tmp_path, path=path, origin=LISTED)).headers


@pytest.mark.parametrize("origin", ["*", "https://*.example.org", "null", "example.org", "https://example.org/pages", "https://a.example https://b.example"])
def test_what_is_no_origin_is_refused_at_start(tmp_path: Path, origin: str) -> None:
    with pytest.raises(ValidationError, match="is no origin"):
        Settings(data_dir=tmp_path, allowed_origins=(origin,))
