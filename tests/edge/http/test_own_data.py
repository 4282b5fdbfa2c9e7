"""`/api/rooms/{id}/me/...` and `/api/me/export`, as a browser uses them."""

import json

import httpx

from tests.edge.http.test_rooms import OURS, open_room


async def test_one_takes_along_what_is_ones_own(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser, name="Ada")
    answer = await browser.get(f"/api/rooms/{room['id']}/me/export")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    assert answer.headers["content-disposition"].startswith("attachment; ")
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["type"] for line in told] == ["room", "member", "event", "end"]
    assert (told[1]["id"], told[1]["name"]) == (room["member"], "Ada")


async def test_ones_name_goes_and_one_stays(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser, name="Ada")
    foreign = await browser.delete(f"/api/rooms/{room['id']}/me/name", headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert (await browser.get(f"/api/rooms/{room['id']}")).json()["me"]["name"] == "Ada"
    gone = await browser.delete(f"/api/rooms/{room['id']}/me/name", headers=OURS)
    assert (gone.status_code, gone.content) == (204, b"")
    me = (await browser.get(f"/api/rooms/{room['id']}")).json()["me"]
    assert (me["name"], me["role"]) == ("Someone", "host")


async def test_ones_words_go_by_ones_own_word_alone(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser, name="Ada")
    foreign = await browser.delete(f"/api/rooms/{room['id']}/me/words", headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    gone = await browser.delete(f"/api/rooms/{room['id']}/me/words", headers=OURS)
    assert (gone.status_code, gone.content) == (204, b"")
    told = (await browser.get(f"/api/rooms/{room['id']}/history")).json()["events"]
    assert told[-1]["data"] == {"change": "unsaid", "member": room["member"]}


async def test_who_is_nobody_gets_nothing(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser)
    browser.cookies.clear()
    for answer in (
        await browser.get(f"/api/rooms/{room['id']}/me/export"),
        await browser.delete(f"/api/rooms/{room['id']}/me/name", headers=OURS),
        await browser.delete(f"/api/rooms/{room['id']}/me/words", headers=OURS),
        await browser.get("/api/me/export"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert (await browser.get("/api/rooms/aaaa-bbbb-cccc/me/export")).status_code == 404
