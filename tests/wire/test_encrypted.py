"""Encryption at rest, seen from the disk: rooms in which everything was used, and not a word of them in any file."""

import base64
import random
import string
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from tests.server import ServerProcess
from tests.wire.client import Client, Room, bearer, clients
from tests.wire.conftest import StartServer

PLANTED = (
    "text", "file", "chat", "title", "host", "guest", "renamed", "waiting", "label", "password", "output", "page", "erased", "title2", "name2",
)  # fmt: skip


def planted() -> dict[str, str]:
    """A word for each place, found nowhere else; as random letters they do not shrink when they are packed."""
    return {place: "".join(random.Random(place).choices(string.ascii_letters, k=32)) for place in PLANTED}


def found(folder: Path, words: dict[str, str]) -> list[str]:
    """The places whose words stand in a file."""
    kept = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    return [place for place, word in words.items() if word.encode() in kept]


def ask(room: Room, method: str, path: str, **body: object) -> httpx.Response:
    answer = httpx.request(method, f"{room.url}/api/rooms/{room.id}{path}", headers=bearer(room.host), json=body)
    assert answer.is_success, answer.text
    return answer


async def use_everything(server: ServerProcess, words: dict[str, str]) -> Room:
    """What people, their programs and their hosts write into a room; nothing is folded or ended yet."""
    room = Room.open(server.url, name=words["host"], title=words["title"])
    guest = room.ask_to_join(words["guest"]).json()
    ask(room, "POST", "/invites", role="viewer", label=words["label"])
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, guest["token"])) as (ada, lin):
        await lin.insert(0, words["text"])
        await lin.add_file(words["file"], "")
        await lin.say("chat", text=words["chat"])
        await lin.event("chat")
        await lin.say("run.start", run="b0000000001", language="html", file="main", page=words["page"])
        await lin.say("run.output", run="b0000000001", stream="stdout", text=words["output"])
        await lin.say("run.end", run="b0000000001", status="ok", code=0, ms=1)
        await ada.event("run.ended", run="b0000000001")
        await lin.say("member.change", name=words["renamed"])
        await ada.event("member.changed")
        ask(room, "PATCH", f"/members/{guest['member']}", role="host")
        ask(room, "PATCH", f"/members/{guest['member']}", role="viewer")
        ask(room, "PATCH", "", title=words["title2"], password=words["password"], lobby=True)
        ask(room, "PATCH", "", password="")
        room.ask_to_join(words["waiting"])
        await ada.say("member.change", name=words["name2"])
        await ada.event("member.changed", by=None)
        await ada.insert(0, words["erased"])
        for one in (ada, lin):
            await one.until_saved()
    return room


async def erase(room: Room, word: str) -> None:
    assert ask(room, "POST", "/erasures", text=word).json()["clean"] is True


@pytest.mark.parametrize("sealed", [True, False], ids=["with keys", "without"])
async def test_not_a_word_of_a_room_is_in_any_file(start_server: StartServer, sealed: bool) -> None:
    """Without keys most of it is, or nothing would be shown."""
    words = planted()
    keys = {"encryption_keys": base64.b64encode(b"k" * 32).decode()} if sealed else {}
    server = start_server(fold_seconds=600, **keys)  # nothing is folded before something is erased
    room = await use_everything(server, words)
    seen: list[Sequence[str]] = [found(server.data_dir, words)]
    await erase(room, words["erased"])
    seen.append(found(server.data_dir, words))
    server.stop()
    seen.append(found(server.data_dir, words))
    assert [word for word in words.values() if word in server.log] == []
    if sealed:
        assert seen == [[]] * len(seen)
    else:
        assert set(seen[0]) >= set(PLANTED) - {"password"}
        assert "password" not in seen[0]
