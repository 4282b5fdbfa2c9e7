"""Rooms and accounts: the host is the host again from another browser, and an account is one member of a room."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.edge.http.programs import scripted_house
from tests.edge.http.test_accounts import ADA, PASSWORD, as_bearer, browser_of, register, serving

SCOPES = ("rooms:read", "rooms:write", "runs", "piston", "teams")
ROUTES: list[tuple[str, str, Any, str, int]] = [
    ("GET", "/files/main", None, "rooms:read", 200),
    ("GET", "/history", None, "rooms:read", 200),
    ("GET", "/runs", None, "rooms:read", 200),
    ("POST", "/runs", {"file": "main"}, "runs", 202),
    ("GET", "/members", None, "rooms:read", 200),
    ("PATCH", "/members/nobody", {"role": "editor"}, "rooms:write", 404),
    ("GET", "/invites", None, "rooms:write", 200),
    ("POST", "/invites", {"role": "viewer"}, "rooms:write", 201),
    ("DELETE", "/invites/viewer", None, "rooms:write", 200),
    ("GET", "/me/export", None, "rooms:read", 200),
    ("POST", "/erasures", {"text": "nothing of the kind", "dry_run": True}, "rooms:write", 200),
    ("PATCH", "", {"title": "New"}, "rooms:write", 200),
]
"""What is asked below a room's address, the scope that a personal token needs for it, and the answer to who may."""


@pytest.fixture
async def page(quick_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(quick_dir) as client:
        await register(client)
        yield client


async def open_room(page: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await page.post("/api/rooms", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


@asynccontextmanager
async def logged_in_elsewhere(page: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(page.app) as other:  # type: ignore[attr-defined]
        assert (await other.post("/api/login", json={"login": "ada", "password": PASSWORD})).status_code == 200
        yield other


async def join(page: httpx.AsyncClient, room_id: str, **body: Any) -> dict[str, Any]:
    answer = await page.post(f"/api/rooms/{room_id}/join", json={"name": "Ada", **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_host_is_the_host_again_from_another_browser(page: httpx.AsyncClient) -> None:
    room = await open_room(page, guest_role="none")
    async with logged_in_elsewhere(page) as other:
        answer = await other.get(f"/api/rooms/{room['id']}")
        assert (answer.json()["me"]["id"], answer.json()["me"]["role"], answer.json()["me"]["name"]) == (room["member"], "host", "Ada Lovelace")
        assert len(answer.headers.get_list("set-cookie")) == 2, "the room's own cookies, for /sync"
        assert (await other.patch(f"/api/rooms/{room['id']}", json={"title": "New"})).json()["title"] == "New"
        assert (await join(other, room["id"]))["member"] == room["member"]
        assert [(one["title"], one["role"]) for one in (await other.get("/api/me/rooms")).json()["rooms"]] == [("New", "host")]
        assert (await other.delete(f"/api/rooms/{room['id']}")).status_code == 204
        assert (await other.get("/api/me/rooms")).json()["rooms"] == []


async def test_strangers_and_other_accounts_are_not_the_host(page: httpx.AsyncClient) -> None:
    room = await open_room(page)
    async with browser_of(page.app) as other:  # type: ignore[attr-defined]
        assert (await other.get(f"/api/rooms/{room['id']}")).json()["me"] is None
        await other.post("/api/accounts", json={**ADA, "login": "lin"})
        assert (await other.get(f"/api/rooms/{room['id']}")).json()["me"] is None
        assert (await other.delete(f"/api/rooms/{room['id']}")).status_code == 403


async def test_a_guest_who_logs_in_stays_the_member_and_has_the_room_in_the_list(page: httpx.AsyncClient) -> None:
    async with browser_of(page.app) as other:  # type: ignore[attr-defined]
        room = await open_room(other)
        async with browser_of(page.app) as guest:  # type: ignore[attr-defined]
            before = await join(guest, room["id"], name="Guest")
            await guest.post("/api/login", json={"login": "ada", "password": PASSWORD})
            assert (await guest.get("/api/me/rooms")).json()["rooms"] == []
            assert (await join(guest, room["id"]))["member"] == before["member"]
            assert [one["id"] for one in (await guest.get("/api/me/rooms")).json()["rooms"]] == [room["id"]]
        assert (await join(page, room["id"]))["member"] == before["member"], "and wherever it comes from"


async def test_many_tabs_of_one_account_are_one_member(page: httpx.AsyncClient) -> None:
    async with browser_of(page.app) as host:  # type: ignore[attr-defined]
        room = await open_room(host)
    joined = await asyncio.gather(*(join(page, room["id"]) for _ in range(4)))
    assert len({one["member"] for one in joined}) == 1


async def test_an_account_that_was_removed_does_not_come_back_from_another_browser(page: httpx.AsyncClient) -> None:
    async with browser_of(page.app) as host:  # type: ignore[attr-defined]
        room = await open_room(host)
        member = (await join(page, room["id"]))["member"]
        assert (await host.patch(f"/api/rooms/{room['id']}/members/{member}", json={"state": "removed"})).status_code == 200
    async with logged_in_elsewhere(page) as other:
        assert (await other.post(f"/api/rooms/{room['id']}/join", json={"name": "Ada"})).status_code == 403


async def test_where_only_accounts_open_rooms_guests_still_join_them(quick_dir: Path) -> None:
    async with serving(quick_dir, room_creation="accounts") as page:
        refused = await page.post("/api/rooms", json={})
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
        await register(page)
        room = await open_room(page)
        async with browser_of(page.app) as guest:  # type: ignore[attr-defined]
            assert (await join(guest, room["id"], name="Guest"))["role"] == "editor"


async def test_programs_open_and_change_rooms_by_tokens_made_for_it(page: httpx.AsyncClient) -> None:
    async def token(*scopes: str) -> dict[str, str]:
        return as_bearer((await page.post("/api/me/tokens", json={"name": "CI", "scopes": scopes})).json()["token"])

    reads, writes, runs = await token("rooms:read"), await token("rooms:write"), await token("runs")
    page.cookies.clear()
    assert [(await page.post("/api/rooms", json={}, headers=one)).status_code for one in (reads, runs)] == [403, 403]
    answer = await page.post("/api/rooms", json={"title": "By a program"}, headers=writes)
    page.cookies.clear()
    path = f"/api/rooms/{answer.json()['id']}"
    assert (await page.get(path, headers=reads)).json()["me"]["role"] == "host"
    assert "set-cookie" not in (await page.get(path, headers=reads)).headers
    assert [(await page.patch(path, json={"title": "x"}, headers=one)).status_code for one in (reads, runs, writes)] == [403, 403, 200]
    assert (await page.get(path, headers=as_bearer("fh_" + "0" * 40))).status_code == 401


async def test_an_account_uses_its_room_by_its_login_and_by_tokens_that_were_made_for_it(quick_dir: Path) -> None:
    quick = {"password_memory_bytes": 8 * 1024 * 1024, "password_passes": 1, "rate_limits": "off", "programs_per_minute": 1000}
    async with scripted_house(quick_dir, **quick) as house:
        client = house.client
        ada = await register(client, tokens="body")
        lin = await register(client, tokens="body", login="lin")
        login = as_bearer(ada["access_token"])
        room = (await client.post("/api/rooms", json={"language": "python"}, headers=login)).json()
        client.cookies.clear()
        tokens = {scope: (await client.post("/api/me/tokens", json={"name": scope, "scopes": [scope]}, headers=login)).json()["token"] for scope in SCOPES}
        for method, path, body, scope, status in ROUTES:

            async def ask(token: str, method: str = method, path: str = path, body: Any = body) -> int:
                return (await client.request(method, f"/api/rooms/{room['id']}{path}", headers=as_bearer(token), json=body)).status_code

            assert await ask(ada["access_token"]) == status, path
            assert {other: await ask(token) for other, token in tokens.items()} == {other: status if other == scope else 403 for other in SCOPES}, (
                method,
                path,
            )
            assert await ask(lin["access_token"]) in {401, 403}, "an account that is not in the room"
            assert await ask("fh_" + "x" * 40) == 401
