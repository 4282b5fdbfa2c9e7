"""What is erased is in none of the server's files any more, as somebody sees who has them: the database, its log, and what SQLite let go in them."""

import asyncio
import re
import zlib
from pathlib import Path

import httpx

from tests.server import ServerProcess
from tests.wire.client import Client, Room, bearer, clients

SECRET, MESSAGE, OUTPUT, NAME, STAYS = "hunter2-erased-by-host", "words-of-lin-in-chat", "output-of-lins-run", "Linnea-Lovelace", "text-that-lin-typed"
PACKED = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
PACKED_BYTES = 64 * 1024


def everything(folder: Path) -> bytes:
    """All bytes of all files, and behind them whatever unpacks from anywhere in them, in pages that are free, too."""
    found: list[bytes] = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            raw = path.read_bytes()
            found += [raw, *(_unpacked(raw[one.start() : one.start() + PACKED_BYTES]) for one in PACKED.finditer(raw))]
    return b"\n".join(found)


def _unpacked(data: bytes) -> bytes:
    """As much as can be unpacked: what goes on in another page is cut."""
    unpacking, taken = zlib.decompressobj(), bytearray()
    try:
        for at in range(0, len(data), 64):
            taken += unpacking.decompress(data[at : at + 64])
    except zlib.error:
        pass
    return bytes(taken)


async def gone(folder: Path, *texts: str) -> None:
    """Wait until no file holds any of them: where somebody reads in the database, its log is emptied a moment later."""
    async with asyncio.timeout(30):
        while any(text.encode() in (kept := everything(folder)) for text in texts):
            del kept
            await asyncio.sleep(0.1)


async def spoken(server: ServerProcess) -> tuple[Room, str]:
    """A room in which Lin wrote, said and ran something; its host is Ada."""
    room = Room.open(server.url)
    token = room.join(NAME, role="editor")
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, token)) as (ada, lin):
        await lin.insert(0, f"{STAYS} {SECRET}\n")
        await lin.say("chat", text=MESSAGE)
        await lin.say("run.start", run="run00001", language="python", file="main.py")
        await ada.event("run.started")
        await lin.say("run.output", run="run00001", stream="stdout", text=OUTPUT)
        await lin.say("run.end", run="run00001", status="ok", code=0, ms=1)
        await ada.event("run.ended")
        await lin.until_saved()
    return room, token


async def test_what_a_host_and_what_a_person_erases_is_in_no_file_any_more(server: ServerProcess) -> None:
    room, token = await spoken(server)
    kept = everything(server.data_dir)
    assert all(text.encode() in kept for text in (SECRET, MESSAGE, OUTPUT, NAME, STAYS)), "what is looked for can be found"
    async with httpx.AsyncClient(base_url=f"{server.url}/api/rooms/{room.id}", timeout=60) as http:
        own = (await http.get("/me/export", headers=bearer(token))).text
        assert all(text in own for text in (MESSAGE, OUTPUT, NAME))

        assert (await http.post("/erasures", json={"text": SECRET}, headers=bearer(room.host))).status_code == 200
        await gone(server.data_dir, SECRET)
        assert (await http.delete("/me/words", headers=bearer(token))).status_code == 204
        await gone(server.data_dir, MESSAGE, OUTPUT)
        assert NAME in (await http.get("/history", headers=bearer(room.host))).text
        assert (await http.delete("/me/name", headers=bearer(token))).status_code == 204
        await gone(server.data_dir, NAME)

        told = (await http.get("/history", headers=bearer(room.host))).json()["events"]
        changes = [event["data"]["change"] for event in told if event["kind"] == "room" and "change" in event["data"]]
        assert changes[-3:] == ["erased", "unsaid", "unnamed"], "that it was done is said"
        chat = [event["data"] for event in told if event["kind"] == "chat"]
        assert [(message["name"], message["text"]) for message in chat] == [("Someone", "[erased]")]
        own = (await http.get("/me/export", headers=bearer(token))).text
        assert not any(text in own for text in (SECRET, MESSAGE, OUTPUT, NAME))
    async with Client(server.url, room.id, token) as lin:
        await lin.until_text(f"{STAYS} \n")
        await lin.insert(0, "on ")
        await lin.until_saved()
