"""Who asks, by cookie and by bearer token, as the edge sees it."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from fourhands.access.account_tokens import AccountClaims, digest_of, new_personal_token
from fourhands.edge.http import error_map
from fourhands.edge.http.caller import Outside
from fourhands.edge.http.identity import (
    ACCOUNT_COOKIE,
    REFRESH_COOKIE,
    asking,
    clear_account_cookies,
    cookie,
    identity,
    require_account,
    require_admin,
    set_account_cookies,
)
from fourhands.edge.ws.door import COOKIE
from fourhands.model.account import Account, Login, PersonalToken, Scope
from fourhands.model.role import Role
from fourhands.model.room import Member
from tests.house import House, open_house

OWN = "http://fourhands.test"
OURS, THEIRS = {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "cross-site"}
OUTSIDE = Outside("/pad", "", ())


class Door(SimpleNamespace):
    """A house, an application that says who asks, and a browser in front of it; `ada` holds her tokens."""

    house: House
    browser: httpx.AsyncClient
    access: str
    personal: str


@pytest.fixture
async def door(quick_dir: Path) -> AsyncIterator[Door]:
    async with open_house(quick_dir) as house:
        place, app = house.place, FastAPI()
        error_map.install(app, "/pad")

        @app.api_route("/who", methods=["GET", "POST"])
        async def who(request: Request) -> dict[str, object]:
            found = await identity(request, place, OUTSIDE, writes=request.method == "POST")
            return {"account": found.account_id, "admin": found.admin, "scopes": found.scopes and sorted(found.scopes), "address": found.address}

        @app.get("/account")
        async def account(request: Request) -> str:
            return (await require_account(request, place, OUTSIDE, writes=False)).name

        @app.get("/admin")
        async def admin(request: Request) -> str:
            return (await require_admin(request, place, OUTSIDE, writes=False)).name

        @app.get("/rooms/{room_id}")
        async def room(request: Request, room_id: str) -> dict[str, object]:
            found = await asking(request, place, OUTSIDE, room_id, Scope.ROOMS_READ, writes=False)
            return {"member": found.member_id, "by_token": found.claims is not None, "account": found.identity.account_id}

        @app.get("/cookies")
        async def cookies(request: Request, response: Response, clear: bool = False) -> str | None:
            if clear:
                clear_account_cookies(response, request, OUTSIDE)
            else:
                set_account_cookies(response, request, OUTSIDE, access="a", refresh="r", seconds=9)
            return cookie(request, "other")

        now_ms, ada = house.clock.now_ms(), Account("ada-id", "ada", "Ada", "#c2410c", admin=False, created_at_ms=10)
        await house.store.accounts.add(ada, None)
        await house.store.accounts.add_login(Login("l", ada.id, 1, now_ms, now_ms, now_ms + 9_000_000))
        personal = new_personal_token()
        await house.store.accounts.add_token(PersonalToken("t", ada.id, "CI", frozenset({Scope.ROOMS_READ}), 1, None), digest_of(personal), most=1)
        access = place.accounts.tokens.access(AccountClaims(ada.id, "l", 1, now_ms + 900_000), now_ms)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN) as browser:
            yield Door(house=house, browser=browser, access=access, personal=personal)


def as_bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_login_comes_by_cookie_or_as_a_bearer_token(door: Door) -> None:
    browser = door.browser
    assert (await browser.get("/who")).json() == {"account": None, "admin": False, "scopes": None, "address": "127.0.0.1"}
    assert (await browser.get("/who", headers=as_bearer(door.access))).json()["account"] == "ada-id"
    assert (await browser.get("/who", headers=as_bearer(door.personal))).json()["scopes"] == ["rooms:read"]
    browser.cookies.set(ACCOUNT_COOKIE, door.access)
    assert (await browser.get("/who")).json()["account"] == "ada-id"
    assert (await browser.get("/account")).json() == "Ada"
    assert (await browser.get("/account", headers=as_bearer(door.personal))).status_code == 403
    assert (await browser.get("/admin")).status_code == 403


async def test_a_bad_bearer_token_is_refused_and_an_outdated_cookie_is_a_stranger(door: Door) -> None:
    browser = door.browser
    browser.cookies.set(ACCOUNT_COOKIE, door.access)
    for token in ("nonsense", door.access[:-2] + "xx", door.personal + "x"):
        assert (await browser.get("/who", headers=as_bearer(token))).status_code == 401, "and the cookie is not asked instead"
    door.house.clock.pass_seconds(901)
    assert (await browser.get("/who")).json()["account"] is None
    assert [(await browser.get(path)).status_code for path in ("/account", "/admin")] == [401, 401]


async def test_a_write_by_cookie_comes_from_our_own_page(door: Door) -> None:
    browser = door.browser
    browser.cookies.set(ACCOUNT_COOKIE, door.access)
    assert (await browser.post("/who", headers=OURS)).json()["account"] == "ada-id"
    for elsewhere in (THEIRS, {"Origin": "https://evil.example"}, {}):
        assert (await browser.post("/who", headers=elsewhere)).status_code == 403
    assert (await browser.post("/who", headers={**THEIRS, **as_bearer(door.access)})).json()["account"] == "ada-id"


async def test_an_admin_is_one_by_the_accounts_row(door: Door) -> None:
    await door.house.store.accounts.change("ada-id", admin=True)
    assert (await door.browser.get("/admin", headers=as_bearer(door.access))).json() == "Ada"
    await door.house.store.accounts.change("ada-id", admin=False)
    door.house.clock.pass_seconds(1)
    assert (await door.browser.get("/admin", headers=as_bearer(door.access))).status_code == 403


async def test_an_account_is_its_own_member_of_a_room(door: Door) -> None:
    house, browser = door.house, door.browser
    room_id = (await house.open()).room.id
    await house.store.add_member(Member("mine", room_id, "Ada", "#c2410c", Role.EDITOR, 1, account_id="ada-id"))
    for name, role in (("guest", Role.VIEWER), ("boss", Role.HOST)):
        await house.store.add_member(Member(name, room_id, name, "#c2410c", role, 1))

    async def asks(**wishes: str) -> tuple[str | None, bool]:
        answer = await browser.get(f"/rooms/{room_id}", **wishes)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        return answer.json()["member"], answer.json()["by_token"]

    def token(member: str) -> str:
        return house.place.tokens.issue(room_id, member, house.clock.now_ms(), account_id="ada-id" if member == "mine" else None)

    assert await asks() == (None, False)
    for by_account in (door.access, door.personal):
        assert await asks(headers=as_bearer(by_account)) == ("mine", False)  # type: ignore[arg-type]
    assert await asks(headers=as_bearer(token("guest"))) == ("guest", True)  # type: ignore[arg-type]
    assert (await browser.get(f"/rooms/{room_id}", headers=as_bearer("nonsense"))).status_code == 401
    browser.cookies.set(ACCOUNT_COOKIE, door.access)
    assert await asks() == ("mine", False)
    for held, shown in (("guest", ("mine", False)), ("mine", ("mine", True)), ("boss", ("boss", True))):
        browser.cookies.set(COOKIE, token(held))
        assert await asks() == shown, "the room's cookie goes first, unless it would be the lower role"


async def test_a_token_for_something_else_does_not_open_rooms(door: Door) -> None:
    room_id, other = (await door.house.open()).room.id, new_personal_token()
    await door.house.store.accounts.add_token(PersonalToken("t2", "ada-id", "CI", frozenset({Scope.RUNS}), 1, None), digest_of(other), most=2)
    assert (await door.browser.get(f"/rooms/{room_id}", headers=as_bearer(other))).status_code == 403


async def test_cookies_are_for_their_paths_and_for_no_script(door: Door) -> None:
    answer = await door.browser.get("/cookies", headers={"Cookie": "other=1; fourhands_account=x"})
    assert answer.json() == "1"
    access, refresh = answer.headers.get_list("set-cookie")
    assert access.split("; ")[0] == f"{ACCOUNT_COOKIE}=a"
    assert {"Path=/pad/", "HttpOnly", "SameSite=lax", "Max-Age=9"} <= set(access.split("; "))
    assert refresh.split("; ")[0] == f"{REFRESH_COOKIE}=r"
    assert {"Path=/pad/api/refresh", "HttpOnly", "SameSite=lax"} <= set(refresh.split("; "))
    assert "Secure" not in access + refresh
    over_tls = (await door.browser.get("https://fourhands.test/cookies")).headers.get_list("set-cookie")
    assert all("Secure" in one.split("; ") for one in over_tls)
    cleared = (await door.browser.get("/cookies?clear=1")).headers.get_list("set-cookie")
    assert all("Max-Age=0" in one for one in cleared)
