"""Who is counted as whom, what is not counted, and who is not let near the API at all."""

import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from fourhands.app import create_app
from fourhands.edge.http.limiter import Limiter
from fourhands.errors import Unauthenticated
from fourhands.settings import Settings
from tests.house import since_windows_began

OWN = "http://fourhands.test"
LIMITS: dict[str, Any] = {"api_requests_per_15_minutes": 5, "joins_per_15_minutes": 8, "rooms_per_15_minutes": 3}
TOKEN = "a machine's token, long enough"


def limiter(app: FastAPI) -> Limiter:
    """The one that wraps it, once it was asked something."""
    layer: Any = app.middleware_stack
    while not isinstance(layer, Limiter):
        layer = getattr(layer, "app", None) or layer._app
    return layer


@contextlib.asynccontextmanager
async def serving(tmp_path: Path, **settings: Any) -> AsyncGenerator[FastAPI]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fourhands.app.SystemClock", since_windows_began)
        app = create_app(Settings(data_dir=tmp_path, api_tokens=(TOKEN,), **{**LIMITS, **settings}))
    async with app.router.lifespan_context(app):
        yield app


def somebody(app: FastAPI, address: str = "192.0.2.7") -> httpx.AsyncClient:
    """A browser that comes from there."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 1)), base_url=OWN)


async def asked(client: httpx.AsyncClient, times: int, method: str = "GET", path: str = "/api/rooms/nothing/files/main", **more: Any) -> list[int]:
    return [(await client.request(method, path, **more)).status_code for _ in range(times)]


async def open_room(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.post("/api/rooms", json={"name": "Ada"})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_strangers_are_counted_by_address_and_told_when_again(tmp_path: Path) -> None:
    async with serving(tmp_path) as app, somebody(app) as one, somebody(app) as two, somebody(app, "192.0.2.8") as elsewhere:
        assert await asked(one, 3) + await asked(two, 2) == [404] * 5
        refused = await two.get("/api/rooms/nothing/files/main")
        assert (refused.status_code, refused.json()["code"], refused.headers["content-type"]) == (429, "limit_exceeded", "application/problem+json")
        assert 1 <= int(refused.headers["retry-after"]) <= 900
        assert refused.headers["ratelimit-policy"] == '"api";q=5;w=900'
        assert refused.headers["ratelimit"].startswith('"api";r=0;t=')
        assert refused.headers["content-security-policy"].startswith("default-src 'none'")
        assert await asked(elsewhere, 1) == [404]


async def test_every_counted_answer_says_how_one_stands(tmp_path: Path) -> None:
    async with serving(tmp_path) as app, somebody(app) as one:
        answer = await one.get("/api/rooms/nothing/files/main")
        assert answer.headers["ratelimit-policy"] == '"api";q=5;w=900'
        assert answer.headers["ratelimit"].startswith('"api";r=4;t=')


async def test_ipv6_is_counted_by_its_64_bits(tmp_path: Path) -> None:
    async with serving(tmp_path) as app, somebody(app, "2001:db8::1") as one, somebody(app, "2001:db8::ffff:2") as two, somebody(app, "2001:db8:0:1::1") as far:
        assert await asked(one, 5) == [404] * 5
        assert await asked(two, 1) + await asked(far, 1) == [429, 404]


async def test_members_are_counted_each_for_themselves_and_a_class_gets_in(tmp_path: Path) -> None:
    async with serving(tmp_path, joins_per_15_minutes=31) as app, somebody(app) as host:
        room = await open_room(host)
        files = f"/api/rooms/{room['id']}/files/main"
        tokens = []
        for number in range(30):
            async with somebody(app) as pupil:
                assert (await pupil.get(f"/api/rooms/{room['id']}")).status_code == 200
                assert (await pupil.get("/api/languages")).status_code == 200
                joined = await pupil.post(f"/api/rooms/{room['id']}/join", json={"name": f"Pupil {number}"})
                assert joined.status_code == 200, joined.text
                assert await asked(pupil, 1, path=f"/api/rooms/{room['id']}/history") == [200]  # by cookie
                tokens.append(joined.json()["token"])
        async with somebody(app) as anyone:
            assert await asked(anyone, 5, path=files, headers={"Authorization": f"Bearer {tokens[0]}"}) == [200] * 4 + [429]
            assert await asked(anyone, 1, path=files, headers={"Authorization": f"Bearer {tokens[1]}"}) == [200]


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer made.up.token"}, {"Cookie": "fourhands=made.up.token"}, {"X-Forwarded-For": "1.2.3.4"}])
async def test_what_somebody_makes_up_is_counted_as_a_stranger(tmp_path: Path, headers: dict[str, str]) -> None:
    async with serving(tmp_path) as app, somebody(app) as one:
        path = f"/api/rooms/{(await open_room(one))['id']}/files/main"
        one.cookies.clear()
        assert 429 not in await asked(one, 5, path=path)
        assert await asked(one, 1, path=path, headers=headers) == [429]


async def test_another_rooms_token_is_no_other_member(tmp_path: Path) -> None:
    async with serving(tmp_path) as app, somebody(app) as one:
        first, second = await open_room(one), await open_room(one)
        one.cookies.clear()
        path, headers = f"/api/rooms/{first['id']}/files/main", {"Authorization": f"Bearer {second['token']}"}
        assert await asked(one, 6, path=path, headers=headers) == [401] * 5 + [429]


async def test_opening_rooms_has_its_own_limit(tmp_path: Path) -> None:
    async with serving(tmp_path) as app, somebody(app) as one:
        assert await asked(one, 4, "POST", "/api/rooms", json={"name": "Ada"}) == [201] * 3 + [429]
        assert await asked(one, 1) == [404]


async def test_rooms_of_many_accounts_are_counted_by_their_address_too(tmp_path: Path) -> None:
    async with serving(tmp_path, rooms_by_address_per_15_minutes=4) as app, somebody(app) as one, somebody(app, "192.0.2.8") as elsewhere:
        await one.get("/healthz")
        limiter(app)._recognise = recognise
        ada, lin, root = ({"Cookie": f"fourhands_account={name}"} for name in ("ada", "lin", "root"))
        wrong = {"method": "POST", "path": "/api/rooms", "json": {"nothing": 1}}  # counted as any
        assert await asked(one, 3, **wrong, headers=ada) == [422] * 3
        assert await asked(one, 2, **wrong, headers=lin) == [422, 429]
        assert await asked(elsewhere, 1, **wrong, headers=lin) == [422]
        assert await asked(one, 1, **wrong, headers=root) == [422]


async def test_joining_and_looking_have_theirs(tmp_path: Path) -> None:
    async with serving(tmp_path) as app, somebody(app) as host:
        room = await open_room(host)
        async with somebody(app) as one:
            assert (await asked(one, 9, path=f"/api/rooms/{room['id']}"))[-2:] == [200, 429]
            joins = []
            for _ in range(9):
                one.cookies.clear()
                joins += await asked(one, 1, "POST", f"/api/rooms/{room['id']}/join", json={"name": "Lin"})
            assert joins[-2:] == [200, 429]


@pytest.mark.parametrize("path", ["/", "/r/k7f3-9q2m-x4tz", "/api/languages", "/healthz", "/readyz", "/openapi.json", "/assets/nothing.js"])
async def test_pages_assets_and_health_are_not_counted(tmp_path: Path, path: str) -> None:
    async with serving(tmp_path) as app, somebody(app) as one:
        assert 429 not in await asked(one, 12, path=path)
        assert "ratelimit" not in (await one.get(path)).headers


async def test_machine_clients_are_counted_by_programs_alone_and_guesses_of_their_token_are(tmp_path: Path) -> None:
    async with serving(tmp_path) as app, somebody(app) as one:
        assert await asked(one, 8, path="/api/v2/runtimes", headers={"Authorization": f"Bearer {TOKEN}"}) == [200] * 8
        assert await asked(one, 6, path="/api/v2/runtimes", headers={"Authorization": "Bearer a guess"}) == [401] * 5 + [429]


async def test_switched_off_nobody_is_counted(tmp_path: Path) -> None:
    async with serving(tmp_path, rate_limits="off") as app, somebody(app) as one:
        assert await asked(one, 12) == [404] * 12


async def test_who_is_banned_gets_nothing_of_the_api(tmp_path: Path) -> None:
    async with serving(tmp_path) as app, somebody(app) as one, somebody(app, "192.0.2.8") as neighbour:
        room = await open_room(one)
        ban = await limiter(app)._place.bans.add("address", "192.0.2.7")
        for method, path in (("POST", "/api/rooms"), ("GET", f"/api/rooms/{room['id']}"), ("POST", f"/api/rooms/{room['id']}/join"), ("GET", "/api/languages")):
            answer = await one.request(method, path, json={"name": "Ada"} if method == "POST" else None)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path
        assert (await one.get("/healthz")).status_code == 200
        assert (await neighbour.get(f"/api/rooms/{room['id']}")).status_code == 200
        await limiter(app)._place.bans.remove(ban.id)
        assert (await one.get(f"/api/rooms/{room['id']}")).status_code == 200


class Account:
    def __init__(self, account_id: str | None, *, admin: bool = False) -> None:
        self.account_id, self.admin = account_id, admin


async def recognise(token: str, _: str) -> Account:
    """As the server does it, of three tokens."""
    try:
        return {"ada": Account("ada-id"), "lin": Account("lin-id"), "root": Account("root-id", admin=True)}[token]
    except KeyError:
        raise Unauthenticated("no") from None


async def test_accounts_are_counted_each_for_themselves_and_admins_are_not(tmp_path: Path) -> None:
    async with serving(tmp_path) as app, somebody(app) as one:
        await one.get("/healthz")
        limiter(app)._recognise = recognise
        ada, lin, root = ({"Cookie": f"fourhands_account={name}"} for name in ("ada", "lin", "root"))
        assert await asked(one, 6, headers=ada) == [404] * 5 + [429]
        assert await asked(one, 1, headers=lin) == [404]
        assert await asked(one, 9, headers=root) == [404] * 9
        assert await asked(one, 5) == [404] * 5, "a stranger from there is another"
        place = limiter(app)._place
        await place.bans.add("account", "lin-id")
        await place.bans.add("address", "192.0.2.0/24")
        assert await asked(one, 1, headers=lin) == [403]
        assert await asked(one, 1, headers=root) == [404], "an administrator can lift it"


async def test_passwords_of_a_room_are_guessed_so_often_by_one_address_and_then_told_when_again(tmp_path: Path) -> None:
    limits = {"password_guesses_per_15_minutes": 2, "joins_per_15_minutes": 100, "password_memory_bytes": 8 * 1024 * 1024, "password_passes": 1}
    async with serving(tmp_path, **limits) as app, somebody(app) as host, somebody(app) as eve, somebody(app, "192.0.2.8") as lin:
        room, other = await open_room(host), await open_room(host)
        for one in (room, other):
            changed = await host.patch(f"/api/rooms/{one['id']}", json={"password": "open sesame"}, headers={"Authorization": f"Bearer {one['token']}"})
            assert changed.status_code == 200

        async def joins(client: httpx.AsyncClient, password: str, room_id: str = room["id"]) -> httpx.Response:
            client.cookies.clear()
            return await client.post(f"/api/rooms/{room_id}/join", json={"name": "Eve", "password": password})

        assert [(await joins(eve, "open sesame")).status_code for _ in range(4)] == [200] * 4, "those who know it refuse nobody"
        assert [(await joins(eve, "a guess")).status_code for _ in range(2)] == [403] * 2
        refused = await joins(eve, "open sesame")
        assert (refused.status_code, refused.json()["code"]) == (429, "limit_exceeded")
        assert refused.headers["ratelimit-policy"] == '"password";q=2;w=900'
        assert 1 <= int(refused.headers["retry-after"]) <= 900
        assert (await joins(eve, "open sesame", other["id"])).status_code == 200, "of another room"
        assert (await joins(lin, "open sesame")).status_code == 200, "from elsewhere"


async def test_attempts_to_log_in_are_told_when_again(tmp_path: Path) -> None:
    limits = {"logins_per_minute": 2, "joins_per_15_minutes": 100, "password_memory_bytes": 8 * 1024 * 1024, "password_passes": 1}
    async with serving(tmp_path, **limits) as app, somebody(app) as eve, somebody(app, "192.0.2.8") as ada:

        async def guess(client: httpx.AsyncClient, login: str = "ada") -> httpx.Response:
            return await client.post("/api/login", json={"login": login, "password": "a guess"})

        assert [(await guess(eve)).status_code for _ in range(3)] == [401, 401, 429]
        refused = await guess(eve)
        assert refused.headers["ratelimit-policy"] == '"login";q=2;w=60'
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert (await guess(eve, "lin")).status_code == 401, "another name"
        assert (await guess(ada)).status_code == 401, "from elsewhere"
