"""`/api/rooms/{id}/files`, as a browser asks for them."""

import httpx
import pytest

from tests.edge.http.test_rooms import OURS, open_room


async def test_a_members_answer_lists_the_files_and_each_is_text(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser, language="go")
    address = f"/api/rooms/{room['id']}"
    assert (await browser.get(address)).json()["files"] == [{"id": "main", "name": "main.go", "language": "go"}]
    answer = await browser.get(f"{address}/files/main")
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, "", "text/plain; charset=utf-8")
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")


async def test_a_viewer_reads_too(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser)
    browser.cookies.clear()
    key = room["viewer_url"].partition("#")[2]
    token = (await browser.post(f"/api/rooms/{room['id']}/join", json={"name": "Vi", "key": key}, headers=OURS)).json()["token"]
    browser.cookies.clear()
    answer = await browser.get(f"/api/rooms/{room['id']}/files/main", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


async def test_a_stranger_reads_nothing(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser)
    browser.cookies.clear()
    assert (await browser.get(f"/api/rooms/{room['id']}")).json()["files"] is None
    answer = await browser.get(f"/api/rooms/{room['id']}/files/main")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("file", ["other", "main%2Fx", "a/b", "%F0%9F%98%80"])
async def test_a_file_that_is_not_there_is_said(browser: httpx.AsyncClient, file: str) -> None:
    room = await open_room(browser)
    answer = await browser.get(f"/api/rooms/{room['id']}/files/{file}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_there_must_be_a_room(browser: httpx.AsyncClient) -> None:
    room = await open_room(browser)
    address = f"/api/rooms/{room['id']}"
    assert (await browser.get("/api/rooms/aaaa-bbbb-cccc/files/main")).status_code == 404
    assert (await browser.delete(address, headers=OURS)).status_code == 204
    assert (await browser.get(f"{address}/files/main")).status_code == 410
