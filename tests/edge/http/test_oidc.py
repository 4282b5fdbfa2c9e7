"""Log in by an OpenID Connect provider, as a browser does: one that we made, which lies where a test wants it to, and somebody else's (oidc-provider-mock)."""

import html
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from tests.edge.http.test_accounts import ADA, PASSWORD, browser_of, register, serving
from tests.oidc_provider import CLIENT, SECRET, TestProvider, nobody_there, provider

START, BACK = "/api/login/oidc/start", "/api/login/oidc/callback"


@pytest.fixture
def there() -> Iterator[TestProvider]:
    with provider() as made:
        yield made


@asynccontextmanager
async def serving_with(there: TestProvider, folder: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    known = {"oidc_issuer": there.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, "oidc_name": "The school", "oidc_seconds": 60}
    async with serving(folder, **known, **settings) as page:
        yield page


@pytest.fixture
async def page(there: TestProvider, quick_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serving_with(there, quick_dir) as client:
        yield client


async def begin(page: httpx.AsyncClient, **body: Any) -> str:
    answer = await page.post(START, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["url"]


async def come_back(page: httpx.AsyncClient, url: str, **other: str) -> str:
    """Where the callback leads, as the provider's redirect brings the browser there."""
    came = {**dict(parse_qsl(urlsplit(url).query)), **other}
    answer = await page.get(f"{BACK}?{urlencode(came)}", headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.headers["cache-control"]) == (303, "no-store")
    return answer.headers["location"]


async def log_in(page: httpx.AsyncClient, there: TestProvider, **body: Any) -> str:
    return await come_back(page, there.authorize(await begin(page, **body)))


async def me(page: httpx.AsyncClient) -> dict[str, Any]:
    return (await page.get("/api/me")).json()


async def test_somebody_new_gets_an_account_and_is_it_again_the_next_time(page: httpx.AsyncClient, there: TestProvider) -> None:
    assert (await page.get("/api/accounts")).json()["providers"] == [{"id": "oidc", "name": "The school"}]
    assert await log_in(page, there, next="/r/9fgq-2b7k-xw4m") == "/r/9fgq-2b7k-xw4m"
    first = await me(page)
    assert (first["login"], first["name"], first["admin"], first["password"]) == ("ada.lovelace", "Ada Lovelace", False, False)
    assert [(one["provider"], one["name"]) for one in first["identities"]] == [("The school", "person-1")]
    async with browser_of(page.app) as other:  # type: ignore[attr-defined]
        there.person = {"sub": "person-1", "preferred_username": "married", "name": "Another name"}
        assert await log_in(other, there) == "/rooms"
        assert (await me(other))["id"] == first["id"]
        there.person = {"sub": "person-2", "preferred_username": "ada.lovelace", "name": "\u202e"}
        await log_in(other, there)
        second = await me(other)
        assert second["id"] != first["id"], "a name proves nothing"
        assert re.fullmatch(r"ada\.lovelace-\d{4}", second["login"])
    assert (await page.delete(f"/api/me/identities/{first['identities'][0]['id']}")).status_code == 409, "the only way in"


async def test_cookies_are_as_those_of_a_login_by_password(page: httpx.AsyncClient, there: TestProvider) -> None:
    answer = await page.post(START, json={})
    assert re.search(r"^fourhands_attempt=.+; HttpOnly; Max-Age=600; Path=/api/login; SameSite=lax$", answer.headers["set-cookie"])
    back = there.authorize(answer.json()["url"])
    answer = await page.get(f"{BACK}?{urlsplit(back).query}")
    assert {one.partition("=")[0] for one in answer.headers.get_list("set-cookie")} == {"fourhands_account", "fourhands_refresh", "fourhands_attempt"}
    assert "fourhands_attempt" not in page.cookies, "it is good once"
    assert (await page.post("/api/refresh")).status_code == 200


@pytest.mark.parametrize("wrong", [{"state": "another"}, {"state": ""}])
async def test_an_answer_that_this_browser_did_not_ask_for_is_none(page: httpx.AsyncClient, there: TestProvider, wrong: dict[str, str]) -> None:
    assert await come_back(page, there.authorize(await begin(page)), **wrong) == "/login?problem=expired"
    assert (await page.get("/api/me")).status_code == 401


async def test_nobody_is_logged_in_by_somebody_elses_answer(page: httpx.AsyncClient, there: TestProvider) -> None:
    back = there.authorize(await begin(page))
    async with browser_of(page.app) as victim:  # type: ignore[attr-defined]
        assert await come_back(victim, back) == "/login?problem=expired"
        await begin(victim)
        assert await come_back(victim, back) == "/login?problem=expired"
        assert (await victim.get("/api/me")).status_code == 401
    assert await come_back(page, back) == "/rooms"


async def test_an_answer_counts_once(page: httpx.AsyncClient, there: TestProvider) -> None:
    back = there.authorize(await begin(page))
    held = page.cookies["fourhands_attempt"]
    assert await come_back(page, back) == "/rooms"
    await page.post("/api/logout")
    assert await come_back(page, back) == "/login?problem=expired"
    page.cookies.set("fourhands_attempt", held, path="/api/login")
    assert await come_back(page, back) == "/login?problem=refused", "the provider gives nothing for a code that was used"
    assert (await page.get("/api/me")).status_code == 401


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"error": "access_denied", "code": ""}, "denied"),
        ({"error": "server_error"}, "refused"),
        ({"code": "x" * 4097}, "refused"),
        ({"iss": "https://evil.example"}, "refused"),
    ],
)
async def test_a_refusal_is_told_by_a_word(page: httpx.AsyncClient, there: TestProvider, wrong: dict[str, str], problem: str) -> None:
    assert await come_back(page, there.authorize(await begin(page)), **wrong) == f"/login?problem={problem}"


async def test_a_token_that_does_not_check_logs_nobody_in(page: httpx.AsyncClient, there: TestProvider) -> None:
    for there.claims in ({"nonce": "another"}, {"aud": "another"}, {"exp": 1_700_000_000}):
        assert await log_in(page, there) == "/login?problem=refused"
    there.claims, there.algorithm = {}, "none"
    assert await log_in(page, there) == "/login?problem=refused"
    assert (await page.get("/api/me")).status_code == 401


async def test_a_provider_that_is_away_is_told_on_the_page(quick_dir: Path) -> None:
    with nobody_there() as issuer:
        async with serving(quick_dir, oidc_issuer=issuer, oidc_client_id=CLIENT, oidc_name="The school") as page:
            answer = await page.post(START, json={})
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert answer.json()["detail"] == "The school cannot be reached at the moment. Try again later, or log in with a password."
            await register(page)


async def test_one_that_goes_away_meanwhile_is_told_too(quick_dir: Path) -> None:
    with provider() as there:
        async with serving_with(there, quick_dir) as page:
            back = there.authorize(await begin(page))
            there.padding = 10_000_000
            assert await come_back(page, back) == "/login?problem=unavailable"


async def test_nobody_is_led_elsewhere_and_no_other_site_begins(page: httpx.AsyncClient, there: TestProvider) -> None:
    for elsewhere in ("https://evil.example", "//evil.example", "/\\evil.example"):
        assert await log_in(page, there, next=elsewhere) == "/rooms"
    for header in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site", "Origin": "https://evil.example"}):
        assert (await page.post(START, json={}, headers=header)).status_code == 403


async def test_who_may_register_is_the_operators_word_here_too(there: TestProvider, quick_dir: Path) -> None:
    async with serving_with(there, quick_dir) as page:
        await log_in(page, there)
        await page.post("/api/login", json={})
    async with serving_with(there, quick_dir, accounts="invite") as page:
        assert await log_in(page, there) == "/rooms", "who has an account already comes in"
        there.person = {"sub": "person-2", "name": "Lin"}
        assert await log_in(page, there) == "/login?problem=invitation"
        assert (await page.post(START, json={"invite": "none"})).status_code == 403
    async with serving_with(there, quick_dir, accounts="off") as page:
        assert (await page.get("/api/accounts")).json()["providers"] == []
        assert (await page.post(START, json={})).status_code == 403
    async with serving(quick_dir) as page:
        assert (await page.post(START, json={})).status_code == 404


async def test_an_account_lets_a_provider_log_it_in_and_takes_that_back(page: httpx.AsyncClient, there: TestProvider) -> None:
    await register(page)
    assert (await page.post(START, json={"link": True, "password": "wrong password"})).status_code == 403
    assert await log_in(page, there, link=True, password=PASSWORD) == "/account"
    mine = await me(page)
    assert (mine["password"], len(mine["identities"])) == (True, 1)
    async with browser_of(page.app) as other:  # type: ignore[attr-defined]
        assert (await other.post(START, json={"link": True})).status_code == 401
        await log_in(other, there)
        assert (await me(other))["login"] == "ada"
        await other.post("/api/accounts", json={**ADA, "login": "lin"})
        assert await log_in(other, there, link=True, password=PASSWORD) == "/account?problem=taken"
    assert (await page.delete("/api/me/identities/unknown")).status_code == 404
    assert (await page.delete(f"/api/me/identities/{mine['identities'][0]['id']}")).status_code == 204
    assert (await me(page))["identities"] == []


async def test_who_has_logged_out_meanwhile_is_not_linked(page: httpx.AsyncClient, there: TestProvider) -> None:
    await register(page)
    back = there.authorize(await begin(page, link=True, password=PASSWORD))
    await page.post("/api/logout")
    assert await come_back(page, back) == "/account?problem=expired"
    await log_in(page, there)
    assert (await me(page))["login"] == "ada.lovelace"


async def test_below_a_root_path_everything_stays_below_it(there: TestProvider, quick_dir: Path) -> None:
    async with serving_with(there, quick_dir, root_path="/pad") as page:
        answer = await page.post(f"/pad{START}", json={})
        assert "Path=/pad/api/login" in answer.headers["set-cookie"]
        back = urlsplit(there.authorize(answer.json()["url"]))
        assert (back.path, (await page.get(f"{back.path}?{back.query}")).headers["location"]) == ("/pad/api/login/oidc/callback", "/pad/rooms")


@pytest.fixture(scope="module")
def foreign() -> Iterator[str]:
    """The address of a provider that others wrote, in a process of its own."""
    code = (
        "import oidc_provider_mock, werkzeug.serving\n"
        "server = werkzeug.serving.make_server('127.0.0.1', 0, oidc_provider_mock.app(require_nonce=True), threaded=True)\n"
        "print(server.server_port, flush=True)\n"
        "server.serve_forever()\n"
    )
    with subprocess.Popen([sys.executable, "-W", "ignore", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


async def test_a_provider_that_others_wrote_logs_people_in(foreign: str, quick_dir: Path) -> None:
    async with (
        serving(quick_dir, oidc_issuer=foreign, oidc_client_id="any", oidc_client_secret="any secret", oidc_seconds=60) as page,
        httpx.AsyncClient() as there,
    ):
        for expected in ("grace", "grace"):
            url = await begin(page)
            form = (await there.get(url)).text
            assert "<form" in form
            no = await there.post(html.unescape(url), data={"action": "deny"})
            assert await come_back(page, no.headers["location"]) == "/login?problem=denied"
            url = await begin(page)
            answer = await there.post(html.unescape(url), data={"sub": "grace"})
            assert answer.status_code in {302, 303}, answer.text
            assert await come_back(page, answer.headers["location"]) == "/rooms"
            assert [one["name"] for one in (await me(page))["identities"]] == [expected]
            await page.post("/api/logout")
