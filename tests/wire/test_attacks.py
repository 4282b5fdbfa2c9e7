"""Attacks over the wire that are no matter of rights: other sites' pages, text that would be a header, SQL or a template, tokens of another kind."""

from collections.abc import Iterable, Iterator
from typing import Any

import httpx
import pytest

from fourhands.edge.http.pages import NOT_BUILT
from tests.wire.client import Client, Room, bearer
from tests.wire.conftest import StartServer
from tests.wire.test_accounts import PASSWORD, administered, ask

EVIL: dict[str, str] = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
INJECTED = ("'; DROP TABLE rooms; --", "x' OR '1'='1", "{{7*7}}${7*7}<%= 7*7 %>#{7*7}", "%s%n{0.__class__}", "a%0d%0ab", "../../etc/passwd", "\\x00$(id)`id`")
BODIES: dict[str, Any] = {
    "POST /api/rooms": {},
    "POST /api/rooms/{room_id}/join": {"name": "Eve"},
    "PATCH /api/rooms/{room_id}": {"title": "Taken"},
    "PATCH /api/rooms/{room_id}/members/{member_id}": {"role": "host"},
    "POST /api/rooms/{room_id}/invites": {"role": "host"},
    "POST /api/rooms/{room_id}/runs": {"file": "main"},
    "POST /api/rooms/{room_id}/erasures": {"text": "everything"},
    "POST /api/accounts": {"login": "eve", "password": PASSWORD},
    "POST /api/login": {"login": "eve", "password": PASSWORD},
    "PATCH /api/me": {"name": "Eve"},
    "DELETE /api/me": {"password": PASSWORD},
    "PUT /api/me/password": {"old": PASSWORD, "new": "another password"},
    "POST /api/me/tokens": {"name": "Eve", "scopes": ["rooms:read"]},
    "PATCH /api/me/rooms/{room_id}": {"archived": True},
    "POST /api/teams": {"name": "Eve"},
    "PATCH /api/teams/{team_id}": {"name": "Eve"},
    "POST /api/teams/{team_id}/invitations": {"login": "eve"},
    "PUT /api/teams/{team_id}/members/{login}": {"role": "owner"},
    "POST /api/admin/bans": {"kind": "address", "subject": "192.0.2.1"},
    "POST /api/admin/messages": {"text": "Eve"},
    "PUT /api/admin/mode": {"mode": "drain"},
    "PUT /api/admin/log-level": {"level": "error"},
    "PUT /api/admin/rooms/{room_id}/ending": {},
}
"""What each route takes; those that are not named take nothing, or do without."""
BY_TOKEN_ALONE = "/api/v2/"


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A server's address, and an administrator's token."""
    with administered(tmp_path_factory.mktemp("data")) as (process, root):
        yield process.url, root
        assert "Traceback" not in process.log


def test_no_other_sites_page_writes_anything_with_the_cookies_of_an_administrator_who_hosts(attacked: tuple[str, str]) -> None:
    url, root = attacked
    room = Room.open(url)
    cookies = {"Cookie": f"fourhands={room.host}; fourhands_account={root}; fourhands_refresh={root}"}
    described = httpx.get(f"{url}/openapi.json").json()["paths"]
    writes = [
        (method.upper(), path)
        for path, methods in described.items()
        for method in methods
        if method != "get" and path.startswith("/api/") and not path.startswith(BY_TOKEN_ALONE)
    ]
    assert {f"{method} {path}" for method, path in writes} >= BODIES.keys()
    with httpx.Client(base_url=url) as browser:
        for method, path in writes:
            address = path.replace("{room_id}", room.id).replace("{", "").replace("}", "")
            body = BODIES.get(f"{method} {path}", {} if method in {"POST", "PUT"} else None)
            answer = browser.request(method, address, headers={**cookies, **EVIL}, json=body)
            refused = {403} if f"{method} {path}" in BODIES else {403, 422}  # a body that makes no sense is looked at first
            assert answer.status_code in refused, (method, path, answer.text)
            assert "set-cookie" not in answer.headers
            assert "access-control-allow-origin" not in answer.headers
    assert ask(url, "GET", f"/api/rooms/{room.id}", room.host).json()["title"] == ""
    assert ask(url, "PATCH", f"/api/rooms/{room.id}", body={"title": "Mine"}, **cookies, Origin=url).status_code == 200
    assert ask(url, "PATCH", "/api/me", body={"name": "Root"}, **cookies, Origin=url).status_code == 200


async def test_no_other_sites_page_opens_a_socket_with_a_cookie(attacked: tuple[str, str]) -> None:
    url, _ = attacked
    room = Room.open(url)
    for origin, code in (("https://evil.example", 4403), ("null", 4403), (url.replace("127.0.0.1", "127.0.0.1.evil.example"), 4403), (url, None)):
        client = Client(url, room.id, headers={"Cookie": f"fourhands={room.host}", "Origin": origin})
        await client.connect_only()
        if code is None:
            await client.until(lambda client=client: client.synced)
        else:
            assert await client.until_closed() == code, origin
        await client.leave()


def test_no_text_becomes_a_header(attacked: tuple[str, str]) -> None:
    url, root = attacked
    line = "x\r\nSet-Cookie: taken=1\r\nLocation: https://evil.example"
    opened = httpx.post(f"{url}/api/rooms", headers=bearer(root), json={"title": line, "name": line[:30]})
    room = opened.json()
    answers = [
        opened,
        ask(url, "PATCH", f"/api/rooms/{room['id']}", room["token"], {"title": line}),
        ask(url, "POST", f"/api/rooms/{room['id']}/join", body={"name": line[:30]}),
        ask(url, "POST", f"/api/rooms/{room['id']}/invites", room["token"], {"role": "viewer", "label": line}),
        ask(url, "GET", f"/api/rooms/{room['id']}/me/export", room["token"]),
        ask(url, "GET", f"/api/rooms/{room['id']}%0d%0aSet-Cookie:taken=1/me/export", room["token"]),
        ask(url, "GET", f"/r/{room['id']}%0d%0aSet-Cookie:taken=1"),
        ask(url, "GET", "/%0d%0aSet-Cookie:taken=1"),
        ask(url, "GET", "//evil.example/%2e%2e"),
        ask(url, "GET", f"/api/rooms/{room['id']}/files/%0d%0aSet-Cookie:taken=1", room["token"]),
    ]
    for answer in answers:
        assert "taken" not in str(answer.headers), answer.request.url
        # Where the pages are not built yet, a page says so with a 503.
        assert answer.status_code < 500 or NOT_BUILT[0] in answer.text
        assert "evil" not in answer.headers.get("location", "")
    exported = answers[4].headers["content-disposition"]
    assert exported == f'attachment; filename="{room["id"]}-{room["member"]}.jsonl"'
    host = httpx.get(f"{url}/api/rooms/{room['id']}", headers={"Host": "evil.example/?"})
    assert host.status_code == 400


@pytest.mark.parametrize("text", INJECTED)
def test_what_would_be_sql_or_a_template_elsewhere_is_text(attacked: tuple[str, str], text: str) -> None:
    url, root = attacked
    room = Room(url, httpx.post(f"{url}/api/rooms", headers=bearer(root), json={"title": text, "name": text}).json())
    shown = ask(url, "GET", f"/api/rooms/{room.id}", room.host).json()
    assert (shown["title"], shown["me"]["name"]) == (text, text)
    assert ask(url, "POST", f"/api/rooms/{room.id}/invites", room.host, {"role": "viewer", "label": text}).json()["label"] == text
    found = httpx.get(f"{url}/api/me/rooms", headers=bearer(root), params={"search": text}).json()["rooms"]
    assert room.id in {one["id"] for one in found}
    assert httpx.get(f"{url}/api/me/rooms", headers=bearer(root), params={"search": text, "team": text}).json()["rooms"] == []
    assert httpx.get(f"{url}/api/admin/audit", headers=bearer(root), params={"what": text, "by": text, "room": text}).json()["lines"] == []
    assert ask(url, "POST", "/api/login", body={"login": text, "password": text}).status_code == 401
    assert ask(url, "POST", f"/api/rooms/{room.id}/join", body={"name": "Eve", "key": text}).status_code == 403
    assert httpx.get(f"{url}/api/rooms/{room.id}/files/{httpx.QueryParams({'q': text})}", headers=bearer(room.host)).status_code == 404
    assert ask(url, "PATCH", f"/api/rooms/{room.id}", room.host, {"password": text}).status_code == 200
    assert ask(url, "POST", f"/api/rooms/{room.id}/join", body={"name": "Lin", "password": "' OR 1=1 --"}).status_code == 403
    assert ask(url, "POST", f"/api/rooms/{room.id}/join", body={"name": "Lin", "password": text}).status_code == 200


def is_limited(url: str, claims: Iterable[str]) -> bool:
    """Whether somebody who claims to come from these addresses, one after the other, is told to wait at last."""
    address = f"{url}/api/rooms/nothing/files/main"
    return any(httpx.get(address, headers={"X-Forwarded-For": claimed}).status_code == 429 for claimed in claims)


def test_only_a_trusted_proxy_says_where_somebody_comes_from_and_by_its_last_word(start_server: StartServer) -> None:
    behind = start_server(api_requests_per_15_minutes=3, trusted_proxies="127.0.0.1")
    others = [f"198.51.100.{number}" for number in range(12)]
    assert not is_limited(behind.url, others), "a proxy's many clients"
    assert is_limited(behind.url, ["192.0.2.1"] * 12), "one of them"
    assert is_limited(behind.url, [f"{other}, 192.0.2.2" for other in others]), "one who names others before the proxy names them"
    alone = start_server(api_requests_per_15_minutes=3, trusted_proxies="192.0.2.9")
    assert is_limited(alone.url, others), "nobody's proxy"


def test_a_token_is_good_for_what_it_was_made_for_alone(attacked: tuple[str, str]) -> None:
    url, root = attacked
    room = Room.open(url)
    made = ask(url, "POST", "/api/accounts", body={"login": "kinds", "password": PASSWORD, "tokens": "body"}).json()
    access, refresh = made["access_token"], made["refresh_token"]
    assert ask(url, "GET", "/api/me", access).status_code == 200
    for other in (refresh, room.host, root[:-2] + ("AA" if root[-2:] != "AA" else "BB"), "fh_" + access):
        assert ask(url, "GET", "/api/me", other).status_code == 401
    for other in (access, room.host, root):
        assert ask(url, "POST", "/api/refresh", body={"refresh_token": other}).status_code == 401
    assert ask(url, "POST", "/api/refresh", body={"refresh_token": refresh}).status_code == 200
    assert ask(url, "GET", f"/api/rooms/{room.id}/history", refresh).status_code == 401
    assert ask(url, "GET", f"/api/rooms/{room.id}/history", room.host).status_code == 200
