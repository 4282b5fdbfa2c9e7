"""Accounts over HTTP: register, log in, refresh, log out; and those who try to get in otherwise."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from fourhands.access.account_tokens import AccountTokens
from fourhands.accounts.hashing import Hashing
from fourhands.app import create_app
from fourhands.model.clock import SystemClock
from fourhands.settings import Settings
from tests.house import since_windows_began

OWN = "http://fourhands.test"
OURS = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "correct horse battery"
ADA = {"login": "ada", "password": PASSWORD, "name": "Ada Lovelace"}


@asynccontextmanager
async def serving(folder: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """The application over `folder`, with cheap passwords and without rates, and a browser in front of it."""
    quick = {"password_memory_bytes": 8 * 1024 * 1024, "password_passes": 1, "rate_limits": "off", **settings}
    app = create_app(Settings(data_dir=folder, **quick))
    async with app.router.lifespan_context(app), browser_of(app) as client:
        client.app = app  # type: ignore[attr-defined]
        yield client


def browser_of(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN, headers=OURS)


@pytest.fixture
async def page(quick_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(quick_dir) as client:
        yield client


def as_bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def register(page: httpx.AsyncClient, **more: str) -> dict[str, Any]:
    answer = await page.post("/api/accounts", json={**ADA, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_somebody_registers_and_is_logged_in_by_cookies_that_no_script_reads(page: httpx.AsyncClient) -> None:
    assert (await page.get("/api/accounts")).json() == {"accounts": "open", "room_creation": "anyone", "password_characters": 10, "providers": []}
    assert (await page.get("/api/me")).status_code == 401
    answer = await page.post("/api/accounts", json={**ADA, "login": " Ada "})
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    assert (answer.json()["access_token"], answer.json()["refresh_token"], answer.json()["expires_in"]) == (None, None, 900)
    assert {one.partition("=")[0] for one in answer.headers.get_list("set-cookie")} == {"fourhands_account", "fourhands_refresh"}
    assert all("HttpOnly" in one and "SameSite=lax" in one for one in answer.headers.get_list("set-cookie"))
    me = (await page.get("/api/me")).json()
    assert (me["login"], me["name"], me["initials"], me["admin"]) == ("ada", "Ada Lovelace", "AL", False)


async def test_programs_get_their_tokens_in_the_body_and_no_cookies(page: httpx.AsyncClient) -> None:
    answer = await page.post("/api/accounts", json={**ADA, "tokens": "body"})
    assert "set-cookie" not in answer.headers
    assert (await page.get("/api/me", headers=as_bearer(answer.json()["access_token"]))).json()["login"] == "ada"
    fresh = await page.post("/api/refresh", json={"refresh_token": answer.json()["refresh_token"]})
    assert (fresh.status_code, "set-cookie" in fresh.headers) == (200, False)
    assert (await page.get("/api/me", headers=as_bearer(fresh.json()["access_token"]))).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"login": "a"}, {"login": "ada lovelace"}, {"login": "аda"}, {"password": "short"}, {"password": "ada"}, {"name": "\u202e"}, {"color": "red"}],
)  # fmt: skip
async def test_what_cannot_be_an_account_is_explained(page: httpx.AsyncClient, wrong: dict[str, str]) -> None:
    answer = await page.post("/api/accounts", json={**ADA, **wrong})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


async def test_a_name_is_taken_once(page: httpx.AsyncClient) -> None:
    await register(page)
    answer = await page.post("/api/accounts", json={**ADA, "login": "ADA"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_known_and_unknown_names_are_refused_alike_and_cost_the_same(page: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    await register(page)
    page.cookies.clear()
    hashed: list[bool] = []
    matches = Hashing.matches

    async def count(self: Hashing, known: str | None, password: str, client: str = "") -> bool:
        before = self.count
        found = await matches(self, known, password, client)
        hashed.append(self.count - before == 1)
        return found

    monkeypatch.setattr(Hashing, "matches", count)
    answers = [await page.post("/api/login", json={"login": login, "password": "wrong password"}) for login in ("ada", "nobody", "", "x" * 900)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(401, answers[0].content)] * 4
    assert hashed == [True] * 4
    assert (await page.post("/api/login", json={"login": "ADA ", "password": PASSWORD})).status_code == 200


async def test_a_refresh_token_is_good_once_and_a_stolen_one_ends_the_login(page: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await register(page, tokens="body")
    now_ms = SystemClock().now_ms()
    second = (await page.post("/api/refresh", json={"refresh_token": first["refresh_token"]})).json()
    again = (await page.post("/api/refresh", json={"refresh_token": first["refresh_token"]})).json()
    assert again["refresh_token"] == second["refresh_token"], "two tabs at once hold the same newest token"
    monkeypatch.setattr(SystemClock, "now_ms", lambda self: now_ms + 11_000)
    stolen = await page.post("/api/refresh", json={"refresh_token": first["refresh_token"]})
    assert (stolen.status_code, stolen.json()["code"]) == (401, "unauthenticated")
    assert (await page.post("/api/refresh", json={"refresh_token": second["refresh_token"]})).status_code == 401
    for access in (first, second):
        assert (await page.get("/api/me", headers=as_bearer(access["access_token"]))).status_code == 401


async def test_a_thief_who_refreshes_within_the_moment_is_noticed_at_the_next_one(page: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refresh(token: str) -> httpx.Response:
        return await page.post("/api/refresh", json={"refresh_token": token})

    first, now_ms = await register(page, tokens="body"), SystemClock().now_ms()
    owner = (await refresh(first["refresh_token"])).json()["refresh_token"]
    thief = (await refresh(first["refresh_token"])).json()["refresh_token"]
    monkeypatch.setattr(SystemClock, "now_ms", lambda self: now_ms + 60_000)
    newest = (await refresh(thief)).json()["refresh_token"]
    monkeypatch.setattr(SystemClock, "now_ms", lambda self: now_ms + 120_000)
    assert (await refresh(owner)).status_code == 401
    assert (await refresh(newest)).status_code == 401, "the thief is out as well"


async def test_pages_refresh_by_cookie_from_our_own_origin_alone(page: httpx.AsyncClient) -> None:
    await register(page)
    before = {cookie.name: cookie.value for cookie in page.cookies.jar}
    for elsewhere in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none", "Origin": "https://evil.example"}):
        assert (await page.post("/api/refresh", headers=elsewhere)).status_code == 403
    answer = await page.post("/api/refresh")
    assert (answer.status_code, answer.json()["refresh_token"]) == (200, None)
    assert {cookie.name: cookie.value for cookie in page.cookies.jar}["fourhands_refresh"] != before["fourhands_refresh"]
    page.cookies.clear()
    assert (await page.post("/api/refresh")).status_code == 401


async def test_no_other_sites_page_logs_anybody_in(page: httpx.AsyncClient) -> None:
    await register(page)
    for path, body in (("login", {"login": "ada", "password": PASSWORD}), ("accounts", ADA), ("logout", {})):
        answer = await page.post(f"/api/{path}", json=body, headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
        assert answer.status_code == 403, path


async def test_nothing_counts_after_logging_out(page: httpx.AsyncClient) -> None:
    await register(page)
    held = {cookie.name: cookie.value or "" for cookie in page.cookies.jar}
    answer = await page.post("/api/logout")
    assert answer.status_code == 204
    assert all("Max-Age=0" in one for one in answer.headers.get_list("set-cookie"))
    assert (await page.get("/api/me", headers=as_bearer(held["fourhands_account"]))).status_code == 401
    assert (await page.post("/api/refresh", json={"refresh_token": held["fourhands_refresh"]})).status_code == 401
    assert (await page.post("/api/logout")).status_code == 204, "who is not logged in may log out"


async def test_a_login_whose_access_token_has_run_out_is_ended_all_the_same(page: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """By logging out, and by the next login in that browser: the refresh token would go on for weeks, at whoever else holds it."""
    real = SystemClock.now_ms
    for end, body in (("logout", {}), ("login", _login())):
        monkeypatch.setattr(SystemClock, "now_ms", real)
        page.cookies.clear()
        await (register(page) if end == "logout" else page.post("/api/login", json=_login()))
        held = {cookie.name: cookie.value or "" for cookie in page.cookies.jar}
        monkeypatch.setattr(SystemClock, "now_ms", lambda self: real(self) + 16 * 60_000)
        assert (await page.get("/api/me")).status_code == 401
        if end == "logout":
            assert (await page.post("/api/logout", json={"everywhere": True})).status_code == 401, "it does not speak for others"
        assert (await page.post(f"/api/{end}", json=body)).status_code in {200, 204}
        answer = await page.post("/api/refresh", json={"refresh_token": held["fourhands_refresh"]})
        assert answer.status_code == 401, end


async def test_logging_out_everywhere_ends_all_logins(page: httpx.AsyncClient) -> None:
    await register(page)
    others = [(await page.post("/api/login", json={**_login(), "tokens": "body"}, headers=OURS)).json() for _ in range(2)]
    await page.post("/api/login", json=_login())
    assert (await page.post("/api/logout", json={"everywhere": True})).status_code == 204
    for other in others:
        assert (await page.get("/api/me", headers=as_bearer(other["access_token"]))).status_code == 401


def _login() -> dict[str, str]:
    return {"login": "ada", "password": PASSWORD}


async def test_a_login_is_never_taken_over_by_the_next_one(page: httpx.AsyncClient) -> None:
    planted = await register(page, tokens="body")
    page.cookies.set("fourhands_account", planted["access_token"])
    page.cookies.set("fourhands_refresh", planted["refresh_token"], path="/api/refresh")
    await page.post("/api/accounts", json={**ADA, "login": "lin"})
    assert (await page.get("/api/me")).json()["login"] == "lin"
    assert (await page.get("/api/me", headers=as_bearer(planted["access_token"]))).status_code == 401, "what was planted counts no more"
    assert (await page.post("/api/refresh", json={"refresh_token": planted["refresh_token"]})).status_code == 401


async def test_forged_tokens_are_refused_by_every_route(page: httpx.AsyncClient) -> None:
    mine = await register(page, tokens="body")
    forger = AccountTokens("a secret that is not the server's")
    claims = forger.read_access  # another secret reads nothing of ours either
    with pytest.raises(Exception, match="not valid"):
        claims(mine["access_token"], 0)
    head, body, signature = mine["access_token"].split(".")
    other = signature.translate(str.maketrans("AB", "BA")).swapcase()
    for token in (f"{head}.{body}.", f"{head}.{body}.{other}", mine["refresh_token"], "fh_" + "0" * 40, f"eyJhbGciOiJub25lIn0.{body}."):
        for method, path in (("GET", "/api/me"), ("GET", "/api/me/tokens"), ("GET", "/api/me/rooms"), ("PATCH", "/api/me"), ("POST", "/api/logout")):
            answer = await page.request(method, path, headers=as_bearer(token), json={} if method == "PATCH" else None)
            assert answer.status_code == 401, (method, path)
    assert (await page.post("/api/refresh", json={"refresh_token": mine["access_token"]})).status_code == 401
    assert (await page.post("/api/refresh", content=rb'{"refresh_token": "\ud800"}', headers={"Content-Type": "application/json"})).status_code == 422


async def test_where_there_are_no_accounts_nobody_has_one(quick_dir: Path) -> None:
    async with serving(quick_dir) as page:
        token = (await register(page, tokens="body"))["access_token"]
    async with serving(quick_dir, accounts="off") as page:
        assert (await page.get("/api/accounts")).json()["accounts"] == "off"
        assert [(await page.post(f"/api/{path}", json=body)).status_code for path, body in (("accounts", ADA), ("login", _login()))] == [403, 403]
        assert (await page.get("/api/me", headers=as_bearer(token))).status_code == 401
        assert (await page.post("/api/rooms", json={})).status_code == 201, "guests are not concerned"


async def test_by_invitation_one_person_registers_once(quick_dir: Path) -> None:
    from fourhands.access.account_tokens import digest_of
    from fourhands.model.account import AccountInvite
    from fourhands.storage import start_account_store

    async with serving(quick_dir, accounts="invite") as page:
        store = await start_account_store(Settings(data_dir=quick_dir))
        now_ms = SystemClock().now_ms()
        await store.accounts.add_invite(AccountInvite("i", None, now_ms, now_ms + 60_000), digest_of("the key"))
        await store.stop()
        for invite in (None, "another key"):
            assert (await page.post("/api/accounts", json={**ADA, "invite": invite})).status_code == 403
        await register(page, invite="the key")
        assert (await page.post("/api/accounts", json={**ADA, "login": "lin", "invite": "the key"})).status_code == 403
        assert (await page.post("/api/login", json=_login())).status_code == 200


async def test_guessing_is_slowed_for_that_name_and_address(quick_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourhands.app.SystemClock", since_windows_began)
    async with serving(quick_dir, rate_limits="on", logins_per_minute=5) as page:
        await register(page)
        page.cookies.clear()
        statuses = [(await page.post("/api/login", json={"login": "ada", "password": f"guess number {n}"})).status_code for n in range(12)]
        assert (set(statuses[:5]), 429 in statuses[5:]) == ({401}, True)
        refused = await page.post("/api/login", json=_login())
        assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)
        assert (await page.post("/api/login", json={"login": "lin", "password": "any password"})).status_code == 401
