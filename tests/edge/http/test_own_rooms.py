"""`/api/me/rooms`: to look through, to put aside, to leave."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from fourhands.model.role import Role
from fourhands.model.room import Member
from fourhands.settings import Settings
from fourhands.storage import start_account_store
from tests.edge.http.test_accounts import OWN, register, serving


@pytest.fixture
async def page(quick_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(quick_dir) as client:
        await register(client)
        client.folder = quick_dir  # type: ignore[attr-defined]
        yield client


async def own_room(page: httpx.AsyncClient, title: str) -> str:
    """A room that the account is a member of."""
    room_id = (await page.post("/api/rooms", json={"title": title, "language": "go"})).json()["id"]
    account_id = (await page.get("/api/me")).json()["id"]
    store = await start_account_store(Settings(data_dir=page.folder))  # type: ignore[attr-defined]
    if await store.accounts.member_in(account_id, room_id) is None:
        await store.add_member(Member("mine", room_id, "Ada", "#c2410c", Role.EDITOR, 1, account_id=account_id))
    await store.stop()
    return room_id


async def titles(page: httpx.AsyncClient, **wanted: object) -> list[str]:
    answer = await page.get("/api/me/rooms", params=wanted)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return [room["title"] for room in answer.json()["rooms"]]


async def test_a_room_is_shown_with_what_is_needed_to_choose(page: httpx.AsyncClient) -> None:
    room_id = await own_room(page, "Two sum")
    room = (await page.get("/api/me/rooms")).json()["rooms"][0]
    assert (room["id"], room["title"], room["language"], room["url"]) == (room_id, "Two sum", "go", f"{OWN}/r/{room_id}")
    assert (room["here"], room["archived"], room["team"], room["ephemeral"]) == (0, False, None, False)
    assert room["people"] >= 1
    assert room["role"] in {"editor", "host"}


async def test_rooms_are_searched_put_aside_and_left(page: httpx.AsyncClient) -> None:
    first, _ = await own_room(page, "Two sum"), await own_room(page, "Queues")
    assert (await titles(page, search="SUM"), await titles(page, search="rust"), len(await titles(page, limit=1))) == (["Two sum"], [], 1)
    for archived, shown in ((True, ["Two sum"]), (False, [])):
        assert (await page.patch(f"/api/me/rooms/{first}", json={"archived": archived})).status_code == 204
        assert await titles(page, archived=True) == shown
    assert (await page.delete(f"/api/me/rooms/{first.upper()}")).status_code == 204
    assert await titles(page) == ["Queues"]
    assert [(await page.delete(f"/api/me/rooms/{first}")).status_code, (await page.get(f"/api/rooms/{first}")).status_code] == [404, 200]


async def test_it_is_for_those_who_are_logged_in(page: httpx.AsyncClient) -> None:
    page.cookies.clear()
    for method, path, body in (("GET", "", None), ("PATCH", "/aaaa-aaaa-aaaa", {"archived": True}), ("DELETE", "/aaaa-aaaa-aaaa", None)):
        assert (await page.request(method, f"/api/me/rooms{path}", json=body)).status_code == 401


async def test_a_bad_page_is_explained(page: httpx.AsyncClient) -> None:
    assert (await page.get("/api/me/rooms", params={"after": "nonsense"})).status_code == 400
    assert (await page.get("/api/me/rooms", params={"limit": "many"})).status_code == 422
