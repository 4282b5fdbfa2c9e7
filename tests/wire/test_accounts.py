"""Accounts on the wire: what becomes of connections and of rooms' tokens when an account is banned, deleted, or another one's."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.admins import SECRET, make_admin
from tests.server import ServerProcess
from tests.wire.client import Client, Room, bearer

PASSWORD = "correct horse battery"
HOST_ROUTES = ("/files/main", "/history", "/members", "/invites", "/runs", "/me/export")
QUICK = {"FOURHANDS_PASSWORD_MEMORY_BYTES": str(8 << 20), "FOURHANDS_PASSWORD_PASSES": "1"}


@contextmanager
def administered(folder: Path) -> Iterator[tuple[ServerProcess, str]]:
    """A server with accounts, and its administrator's token."""
    root = asyncio.run(make_admin(folder))
    process = ServerProcess(folder, env={"SECRET_KEY": SECRET, **QUICK})
    process.start()
    try:
        yield process, root
    finally:
        process.stop()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """A server's address, and the header of its administrator."""
    with administered(tmp_path_factory.mktemp("data")) as (process, root):
        yield process.url, bearer(root)


def ask(url: str, method: str, path: str, token: str | None = None, body: object = None, **headers: str) -> httpx.Response:
    return httpx.request(method, f"{url}{path}", headers={**bearer(token), **headers}, json=body)


def account(url: str, login: str) -> tuple[str, str]:
    """A new account: its id, and its access token."""
    answer = ask(url, "POST", "/api/accounts", body={"login": login, "password": PASSWORD, "tokens": "body"})
    assert answer.status_code == 201, answer.text
    return answer.json()["account"]["id"], answer.json()["access_token"]


def room_of(url: str, token: str) -> Room:
    answer = ask(url, "POST", "/api/rooms", token, {"title": "Mine"})
    assert answer.status_code == 201, answer.text
    return Room(url, answer.json())


def reads(room: Room, token: str) -> set[int]:
    """What the room answers to somebody who is to be its host."""
    return {ask(room.url, "GET", f"/api/rooms/{room.id}{path}", token).status_code for path in HOST_ROUTES}


def ban(url: str, admin: dict[str, str], account_id: str) -> str:
    answer = httpx.post(f"{url}/api/admin/bans", headers=admin, json={"kind": "account", "subject": account_id})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_banned_accounts_connections_end_and_its_rooms_tokens_open_nothing(guarded: tuple[str, dict[str, str]]) -> None:
    url, admin = guarded
    account_id, access = account(url, "mallory")
    room = room_of(url, access)
    lin = room.join("Lin")
    async with Client(url, room.id, room.host) as mallory, Client(url, room.id, lin) as guest:
        assert reads(room, room.host) == {200}
        number = ban(url, admin, account_id)
        assert await mallory.until_closed() == 4403
        assert reads(room, room.host) == {403}
        assert ask(url, "GET", f"/api/rooms/{room.id}", room.host).status_code == 403
        assert ask(url, "POST", f"/api/rooms/{room.id}/join", room.host, {"name": "Mallory"}).status_code == 403
        await guest.answered()
        assert guest.closed is None
        again = Client(url, room.id, room.host)
        await again.connect_only()
        assert await again.until_closed() == 4403
        await again.leave()
    assert httpx.delete(f"{url}/api/admin/bans/{number}", headers=admin).status_code == 204
    assert reads(room, room.host) == {200}
    async with Client(url, room.id, room.host) as back:
        assert back.closed is None


async def test_a_ban_reaches_a_guest_who_logged_in_while_they_were_connected(guarded: tuple[str, dict[str, str]]) -> None:
    url, admin = guarded
    room = Room.open(url)
    token = room.join("Guest")
    account_id, access = account(url, "gwen")
    async with Client(url, room.id, token) as guest:
        joined = ask(url, "POST", f"/api/rooms/{room.id}/join", body={"name": "Gwen"}, Cookie=f"fourhands={token}; fourhands_account={access}", Origin=url)
        assert joined.status_code == 200, joined.text
        await guest.event("member.changed")
        ban(url, admin, account_id)
        assert await guest.until_closed() == 4403


async def test_with_an_account_its_connections_and_rooms_tokens_end(guarded: tuple[str, dict[str, str]]) -> None:
    url, _ = guarded
    _, access = account(url, "dora")
    room = room_of(url, access)
    lin = room.join("Lin", role="host")
    async with Client(url, room.id, room.host) as dora, Client(url, room.id, lin) as guest:
        assert reads(room, room.host) == {200}
        assert ask(url, "DELETE", "/api/me", access, {"password": PASSWORD}).status_code == 204
        assert await dora.until_closed() == 4401
        assert reads(room, room.host) == {401}
        await guest.answered()
        assert guest.closed is None
    assert reads(room, lin) == {200}


def test_a_rooms_cookie_that_another_account_left_in_the_browser_does_not_count(guarded: tuple[str, dict[str, str]]) -> None:
    url, _ = guarded
    (_, first), (_, second) = account(url, "first"), account(url, "second")
    room = room_of(url, first)
    left: dict[str, Any] = {"Cookie": f"fourhands={room.host}; fourhands_account={second}", "Origin": url}
    own: dict[str, Any] = {"Cookie": f"fourhands={room.host}; fourhands_account={first}", "Origin": url}
    path = f"/api/rooms/{room.id}"
    assert ask(url, "PATCH", path, body={"title": "Taken"}, **left).status_code == 403
    assert ask(url, "GET", path, **left).json()["me"] is None
    joined = ask(url, "POST", f"{path}/join", body={"name": "Second"}, **left).json()
    assert (joined["role"], joined["member"] != room.opened["member"]) == ("editor", True)
    assert ask(url, "PATCH", path, body={"title": "Mine"}, **own).status_code == 200


def test_who_was_removed_does_not_become_somebody_new_by_leaving_the_list(guarded: tuple[str, dict[str, str]]) -> None:
    url, _ = guarded
    room = Room.open(url)
    _, access = account(url, "remo")
    member = ask(url, "POST", f"/api/rooms/{room.id}/join", access, {"name": "Remo"}).json()["member"]
    assert ask(url, "PATCH", f"/api/rooms/{room.id}/members/{member}", room.host, {"state": "removed"}).status_code == 200
    assert ask(url, "DELETE", f"/api/me/rooms/{room.id}", access).status_code == 404
    assert ask(url, "POST", f"/api/rooms/{room.id}/join", access, {"name": "Remo"}).status_code == 403


def test_a_token_that_only_reads_is_told_no_links(guarded: tuple[str, dict[str, str]]) -> None:
    url, _ = guarded
    _, access = account(url, "tina")
    room = room_of(url, access)
    tokens = {}
    for scope in ("rooms:read", "rooms:write"):
        tokens[scope] = ask(url, "POST", "/api/me/tokens", access, {"name": "t", "scopes": ["rooms:read", scope]}).json()["token"]
    path = f"/api/rooms/{room.id}"
    assert {scope: ask(url, "GET", path, token).json()["links"] is not None for scope, token in tokens.items()} == {"rooms:read": False, "rooms:write": True}
    assert {scope: ask(url, "GET", f"{path}/invites", token).status_code for scope, token in tokens.items()} == {"rooms:read": 403, "rooms:write": 200}
