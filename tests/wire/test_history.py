"""A room's history as a client of HTTP reads it beside those who write."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
from pycrdt import Doc, Text

from tests.server import ServerProcess
from tests.wire.client import Client, Room, bearer, clients


def ask(room: Room, token: str, **query: object) -> dict[str, Any]:
    answer = httpx.get(f"{room.url}/api/rooms/{room.id}/history", params={name: str(value) for name, value in query.items()}, headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return answer.json()


def events(room: Room, token: str, limit: int) -> Iterator[dict[str, Any]]:
    after: int | None = 0
    while after is not None:
        page = ask(room, token, after=after, limit=limit)
        yield from page["events"]
        after = page["next"]


async def test_what_was_written_is_there_event_by_event_and_at_every_time(server: ServerProcess) -> None:
    room = Room.open(server.url)
    viewer = room.join("Vi", role="viewer")
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join("Lin"))) as (ada, lin):
        for number in range(30):
            writer, reader = (ada, lin) if number % 2 else (lin, ada)
            await writer.insert(0, f"{number} ")
            await reader.until_text(str(writer.text))
        await ada.say("chat", text="Done?")
        await ada.event("chat")
        await ada.until_saved()
        await lin.until_saved()
    found = list(events(room, viewer, 7))
    assert [event["position"] for event in found] == list(range(1, len(found) + 1))
    assert [event["data"]["text"] for event in found if event["kind"] == "chat"] == ["Done?"]
    assert [event["data"]["id"] for event in found if event["kind"] == "chat"] == [event["position"] for event in found if event["kind"] == "chat"]
    replayed: Doc[Any] = Doc()
    written = replayed.get("file:main", type=Text)
    authors: set[str] = set()
    for event in found:
        if event["kind"] == "edit":
            replayed.apply_update(base64.b64decode(event["data"]["update"]))
            authors.add(event["member"])
        then = ask(room, viewer, at=event["at"])
        assert then["position"] >= event["position"]
        if then["position"] == event["position"]:
            assert [file["text"] for file in then["files"]] == [str(written)]
    assert (str(written), len(authors)) == (str(ada.text), 2)


async def test_it_is_the_same_after_a_restart(server: ServerProcess) -> None:
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host)) as (ada,):
        await ada.insert(0, "kept")
        await ada.until_saved()
    before = list(events(room, room.host, 100))
    server.kill()
    server.start()
    assert list(events(room, room.host, 100)) == before
    assert ask(room, room.host, at="2999-01-01T00:00:00Z")["files"][0]["text"] == "kept"
