"""`/api/rooms/{id}/erasures`, as a page asks for it."""

import httpx
import pytest

from tests.edge.http.test_rooms import OURS, open_room

NOWHERE = {"texts": {}, "now": 0, "values": 0, "named": 0, "chat": 0, "runs": 0, "names": 0, "title": 0, "pieces": 0}


async def test_a_host_looks_first_and_erases_then(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser, title="our secret-word here")
    address = f"/api/rooms/{room['id']}/erasures"
    looked = await browser.post(address, json={"text": " secret-word ", "dry_run": True}, headers=OURS)
    assert looked.json() == {**NOWHERE, "dry_run": True, "times": 1, "title": 1, "clean": None}
    assert (await browser.get(f"/api/rooms/{room['id']}")).json()["title"] == "our secret-word here"
    erased = await browser.post(address, json={"text": "secret-word"}, headers=OURS)
    assert (erased.status_code, erased.headers["cache-control"]) == (200, "no-store")
    assert erased.json() == {**NOWHERE, "dry_run": False, "times": 1, "title": 1, "clean": True}
    assert (await browser.get(f"/api/rooms/{room['id']}")).json()["title"] == "our [erased] here"
    again = await browser.post(address, json={"text": "secret-word"}, headers=OURS)
    assert (again.status_code, again.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": "abc"}, 400), ({"text": ""}, 400), ({"text": "x" * 10_001}, 400), ({"text": "x" * 1_000_001}, 422),
        ({}, 422), ({"text": 5}, 422), ({"text": "long enough", "more": 1}, 422),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused_with_a_sentence(browser: httpx.AsyncClient, body: dict[str, object], status: int) -> None:
    room = await open_room(browser)
    answer = await browser.post(f"/api/rooms/{room['id']}/erasures", json=body, headers=OURS)
    assert (answer.status_code, answer.json()["code"]) == (status, "invalid_request")


async def test_who_may_not(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser)
    address, body = f"/api/rooms/{room['id']}/erasures", {"text": "long enough"}
    elsewhere = await browser.post(address, json=body, headers={"Sec-Fetch-Site": "cross-site"})
    browser.cookies.clear()
    stranger = await browser.post(address, json=body, headers=OURS)
    joined = await browser.post(f"/api/rooms/{room['id']}/join", json={"name": "Lin", "key": room["editor_url"].split("#")[1]}, headers=OURS)
    editor = await browser.post(address, json=body, headers={"Authorization": f"Bearer {joined.json()['token']}"})
    missing = await browser.post("/api/rooms/aaaa-bbbb-cccc/erasures", json=body, headers=OURS)
    assert [elsewhere.status_code, stranger.status_code, editor.status_code, missing.status_code] == [403, 403, 403, 404]
