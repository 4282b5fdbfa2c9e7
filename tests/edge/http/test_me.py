"""One's own account over HTTP: profile, password, tokens, and the end of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.edge.http.test_accounts import ADA, PASSWORD, as_bearer, browser_of, register, serving

NEW = "another fine password"


@pytest.fixture
async def page(quick_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(quick_dir) as client:
        await register(client)
        yield client


async def make_token(page: httpx.AsyncClient, *scopes: str, **more: Any) -> dict[str, Any]:
    answer = await page.post("/api/me/tokens", json={"name": "CI", "scopes": scopes, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def log_in(page: httpx.AsyncClient, password: str) -> httpx.Response:
    return await page.post("/api/login", json={"login": "ada", "password": password, "tokens": "body"})


async def test_the_profile_is_changed_and_nothing_else(page: httpx.AsyncClient) -> None:
    changed = await page.patch("/api/me", json={"name": " Ada  King ", "color": "#00FF00"})
    assert (changed.json()["name"], changed.json()["color"], changed.json()["initials"]) == ("Ada King", "#00ff00", "AK")
    assert (await page.get("/api/me")).json() == changed.json()
    for refused in ({"admin": True}, {"login": "root"}, {"id": "x"}):
        assert (await page.patch("/api/me", json=refused)).status_code == 422
    assert (await page.patch("/api/me", json={"name": "x"}, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403


async def test_a_new_password_ends_all_other_logins(page: httpx.AsyncClient) -> None:
    elsewhere = (await log_in(page, PASSWORD)).json()
    for old, new, status in (("wrong password", NEW, 403), (None, NEW, 403), (PASSWORD, "short", 400), (PASSWORD, NEW, 204)):
        assert (await page.put("/api/me/password", json={"old": old, "new": new})).status_code == status
    assert (await page.get("/api/me")).status_code == 200, "this one stays"
    assert (await page.get("/api/me", headers=as_bearer(elsewhere["access_token"]))).status_code == 401
    assert (await page.post("/api/refresh", json={"refresh_token": elsewhere["refresh_token"]})).status_code == 401
    assert [(await log_in(page, password)).status_code for password in (PASSWORD, NEW)] == [401, 200]


async def test_a_deleted_account_is_gone_with_its_tokens(page: httpx.AsyncClient) -> None:
    token = (await make_token(page, "rooms:read"))["token"]
    room = (await page.post("/api/rooms", json={})).json()["id"]
    assert (await page.request("DELETE", "/api/me", json={"password": "wrong password"})).status_code == 403
    answer = await page.request("DELETE", "/api/me", json={"password": PASSWORD})
    assert answer.status_code == 204
    assert (await page.get("/api/me/rooms", headers=as_bearer(token))).status_code == 401
    assert (await log_in(page, PASSWORD)).status_code == 401
    assert (await page.get(f"/api/rooms/{room}")).status_code == 200, "its rooms stay"
    await register(page)


async def test_a_token_is_shown_once_and_listed_without_itself(page: httpx.AsyncClient) -> None:
    made = await make_token(page, "rooms:read", "runs", days=30)
    assert made["token"].startswith("fh_")
    listed = (await page.get("/api/me/tokens")).json()["tokens"]
    assert listed == [{name: value for name, value in made.items() if name != "token"}]
    assert (await page.get("/api/me/rooms", headers=as_bearer(made["token"]))).status_code == 200
    assert (await page.get("/api/me/tokens")).json()["tokens"][0]["used_at"] is not None
    assert (await page.delete(f"/api/me/tokens/{made['id']}")).status_code == 204
    assert (await page.get("/api/me/rooms", headers=as_bearer(made["token"]))).status_code == 401
    assert (await page.delete(f"/api/me/tokens/{made['id']}")).status_code == 404


async def test_a_token_does_what_it_was_made_for_alone(page: httpx.AsyncClient) -> None:
    everything = await make_token(page, "rooms:read", "rooms:write", "runs", "piston", "teams")
    runs = await make_token(page, "runs")
    page.cookies.clear()
    for method, path, body in (
        ("PATCH", "/api/me", {"name": "x"}),
        ("PUT", "/api/me/password", {"old": PASSWORD, "new": NEW}),
        ("GET", "/api/me/tokens", None),
        ("POST", "/api/me/tokens", {"name": "more", "scopes": ["runs"]}),
        ("DELETE", "/api/me", {"password": PASSWORD}),
        ("POST", "/api/logout", {"everywhere": True}),
    ):
        assert (await page.request(method, path, json=body, headers=as_bearer(everything["token"]))).status_code == 403, path
    assert (await page.get("/api/me/rooms", headers=as_bearer(runs["token"]))).status_code == 403
    assert (await page.get("/api/me", headers=as_bearer(runs["token"]))).json()["login"] == "ada", "every token may say whose it is"


@pytest.mark.parametrize(
    ("body", "status"), [({"scopes": []}, 400), ({"scopes": ["root"]}, 422), ({"scopes": ["admin"]}, 403), ({"scopes": ["runs"], "days": 0}, 422)]
)
async def test_tokens_that_may_not_be_are_not_made(page: httpx.AsyncClient, body: dict[str, object], status: int) -> None:
    assert (await page.post("/api/me/tokens", json={"name": "CI", **body})).status_code == status


async def test_nobody_revokes_anothers_token(page: httpx.AsyncClient) -> None:
    token = await make_token(page, "runs")
    async with browser_of(page.app) as other:  # type: ignore[attr-defined]
        await other.post("/api/accounts", json={**ADA, "login": "lin"})
        assert (await other.delete(f"/api/me/tokens/{token['id']}")).status_code == 404
    assert len((await page.get("/api/me/tokens")).json()["tokens"]) == 1
