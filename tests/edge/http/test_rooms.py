"""`/api/rooms`, as a browser uses it."""

import time

import httpx
import pytest

from tests.edge.http.conftest import OWN

OURS = {"Sec-Fetch-Site": "same-origin"}


async def open_room(browser: httpx.AsyncClient, **body: object) -> dict[str, str]:
    answer = await browser.post("/api/rooms", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_room_is_opened_with_its_links_and_cookies(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser, name="Ada", language="go")
    assert room["url"] == f"{OWN}/r/{room['id']}"
    assert {room[f"{role}_url"].partition("#")[0] for role in ("host", "editor", "viewer")} == {room["url"]}
    shown = (await browser.get(f"/api/rooms/{room['id']}")).json()
    assert (shown["language"], shown["me"]["role"], shown["room_link"]) == ("go", "host", room["url"])
    assert shown["links"] == {role: room[f"{role}_url"] for role in ("host", "editor", "viewer")}


async def test_a_room_is_opened_with_its_doors_closed(browser: httpx.AsyncClient) -> None:
    ends = time.time_ns() // 1_000_000 + 3_600_000
    room = await open_room(browser, password="open sesame", lobby=True, expires_at=ends)
    shown = (await browser.get(f"/api/rooms/{room['id']}")).json()
    assert (shown["password"], shown["lobby"], shown["expires_at"]) == (True, True, ends)
    browser.cookies.clear()
    join = f"/api/rooms/{room['id']}/join"
    assert (await browser.post(join, json={"name": "Lin"}, headers=OURS)).status_code == 403
    let = await browser.post(join, json={"name": "Lin", "password": "open sesame"}, headers=OURS)
    assert (let.status_code, let.json()["state"]) == (200, "waiting")


async def test_a_stranger_sees_no_links(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser)
    browser.cookies.clear()
    shown = (await browser.get(f"/api/rooms/{room['id']}")).json()
    assert (shown["me"], shown["links"], shown["state"]) == (None, None, "open")


async def test_answers_are_kept_nowhere_and_carry_a_policy(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser)
    for answer in (await browser.get(f"/api/rooms/{room['id']}"), await browser.get("/api/rooms/aaaa-bbbb-cccc"), await browser.get("/api/nothing")):
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_host_changes_and_ends_it(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser)
    address = f"/api/rooms/{room['id']}"
    changed = await browser.patch(address, json={"title": "New"}, headers=OURS)
    assert changed.json()["title"] == "New"
    assert (await browser.patch(address, json={"title": "Other"})).status_code == 403  # from who knows where
    assert (await browser.delete(address, headers=OURS)).status_code == 204
    ended = await browser.get(address)
    assert (ended.status_code, ended.json()["code"]) == (410, "gone")
    assert (await browser.post(f"{address}/join", json={"name": "Lin"}, headers=OURS)).status_code == 410


@pytest.mark.parametrize("body", [{}, {"name": 3}, {"name": "Lin", "role": "host"}])
async def test_a_join_that_makes_no_sense_is_explained(browser: httpx.AsyncClient, body: dict[str, object]) -> None:
    room = await open_room(browser)
    answer = await browser.post(f"/api/rooms/{room['id']}/join", json=body, headers=OURS)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_old_cookie_is_renewed_by_looking(browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from fourhands.model.clock import SystemClock

    room = await open_room(browser)
    address = f"/api/rooms/{room['id']}"
    assert "set-cookie" not in (await browser.get(address)).headers
    now = SystemClock().now_ms()
    monkeypatch.setattr(SystemClock, "now_ms", lambda self: now + 3 * 3_600_000)
    assert len((await browser.get(address)).headers.get_list("set-cookie")) == 2
