"""An ephemeral room leaves nothing behind: not a byte in the files of a server that goes on running."""

import asyncio
import random
import string
from pathlib import Path

import httpx

from tests.wire.client import Client, Room
from tests.wire.conftest import StartServer

SECONDS = 20.0


def found(folder: Path, secret: str) -> bool:
    return any(secret.encode() in path.read_bytes() for path in folder.iterdir())


async def test_text_chat_and_names_are_in_no_file_once_everybody_has_left(start_server: StartServer) -> None:
    server = start_server(idle_seconds=0.5, fold_seconds=0.5)
    text, chat, name, title = ("".join(random.Random(seed).choices(string.ascii_letters, k=30)) for seed in range(4))
    room = Room.open(server.url, ephemeral=True, title=title)
    async with Client(server.url, room.id, room.join(name)) as lin:
        await lin.insert(0, text)
        await lin.say("chat", text=chat)
        await lin.event("chat")
        await lin.until_saved()
        assert all(found(server.data_dir, secret) for secret in (text, chat, name, title))
    async with asyncio.timeout(SECONDS), httpx.AsyncClient(base_url=server.url) as outside:
        while (await outside.get(f"/api/rooms/{room.id}")).status_code != 404:
            pass
        while any(found(server.data_dir, secret) for secret in (text, chat, name, title)):  # until the next fold
            await outside.get("/healthz")
