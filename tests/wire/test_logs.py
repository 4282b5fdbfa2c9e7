"""What a real server logs while people do everything: who and where by their ids, and never what they wrote or what lets them in."""

import asyncio
import json
import secrets
from pathlib import Path
from typing import Literal

import httpx
import pytest

from fourhands.protocol import sync
from tests.server import ServerProcess
from tests.wire.client import Client, Room, bearer

REQUEST_ID = "given-by-a-proxy-1"


def planted(what: str) -> str:
    """A word that stands nowhere else."""
    return f"planted{what}{secrets.token_hex(4)}"


class Words:
    """What must not be read in a log, by where it was put."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    def __call__(self, what: str) -> str:
        self.of[what] = planted(what)
        return self.of[what]


async def live(server: ServerProcess, words: Words) -> tuple[Room, str]:
    """A room's life, with everything that goes wrong in it. The room, and the id of a member who was sent away."""
    name, password = words("name"), words("password")
    room = await asyncio.to_thread(lambda: Room.open(server.url, title=words("title"), password=password, name=name))
    words.of |= {"token": room.host, "key": room.key("host"), "viewer key": room.key("viewer")}
    async with Client(server.url, room.id, room.host) as ada:
        await ada.insert(0, words("text"))
        await ada.say("chat", text=words("chat"))
        await ada.say("run.start", run="b0000000001", language=words("language"), file="main", page=words("page"))
        await ada.say("run.output", run="b0000000001", stream="stdout", text=words("output"))
        await ada.say("run.end", run="b0000000001", status="ok", code=0, ms=1)
        await ada.say(words("event"), text=words("field"))
        await ada.until_saved()
        member = ada.events[0]["me"]["id"]
        await ada.socket.send(sync.update(words("update").encode()))
        assert await ada.until_closed() == 4400
    async with httpx.AsyncClient(base_url=server.url) as client:
        await client.post(f"/api/rooms/{room.id}/join", json={"name": words("joiner"), "password": words("wrong")}, headers={"X-Request-Id": REQUEST_ID})
        await client.post(f"/api/rooms/{room.id}/join", json={"name": 7, words("body"): 1})
        await client.get(f"/api/rooms/{room.id}", headers=bearer(words("bearer")))
        await client.get(f"/api/{words('path')}?token={words('query')}", headers={"Cookie": f"fourhands={words('cookie')}", "X-Request-Id": words("id") + " x"})
        await client.patch(f"/api/rooms/{room.id}", json={"title": words("later")}, headers=bearer(room.host))
        await client.post("/api/login", json={"name": words("login"), "password": words("account")})
    stranger = Client(server.url, room.id, words("stranger"))
    await stranger.connect_only()
    assert await stranger.until_closed() == 4401
    return room, str(member)


@pytest.mark.parametrize("form", ["text", "json"])
async def test_no_word_and_no_secret_is_logged(quick_dir: Path, form: Literal["text", "json"]) -> None:
    words = Words()
    env = {"FOURHANDS_LOG_FORMAT": form, "FOURHANDS_LOG_LEVEL": "debug", "SECRET_KEY": words("secret") * 2, "FOURHANDS_METRICS_TOKEN": words("metrics")}
    server = ServerProcess(quick_dir, env=env)
    server.start()
    room, member = await live(server, words)
    await asyncio.to_thread(server.stop)
    assert {what: word for what, word in words.of.items() if word in server.log} == {}
    assert room.id in server.log
    assert member in server.log
    assert REQUEST_ID in server.log
    if form == "json":
        lines = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
        assert all({"event", "level", "timestamp", "logger"} <= line.keys() for line in lines)
        (refused,) = [line for line in lines if line["event"] == "connection.refused" and line["code"] == "invalid_request"]
        assert (refused["room"], refused["member"]) == (room.id, member)
        answered = [line for line in lines if line["event"] == "request.answered"]
        assert {line["request"] for line in answered if line["route"] == "/api/rooms/{room_id}/join"} >= {REQUEST_ID}
        assert [line["member"] for line in answered if line["method"] == "PATCH"] == [member]
