"""An ephemeral room leaves nothing behind: not a byte in the files of a server that goes on running."""

import asyncio
import contextlib
import random
import string
from pathlib import Path

import httpx

from tests.wire.client import Client, Room, bearer
from tests.wire.conftest import StartServer

SECONDS = 20.0


def found(folder: Path, secret: str) -> bool:
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # SQLite's own files come and go
            if secret.encode() in path.read_bytes():
                return True
    return False


async def test_text_chat_and_names_are_in_no_file_once_everybody_has_left(start_server: StartServer) -> None:
    server = start_server(idle_seconds=0.5, fold_seconds=0.5)
    text, chat, name, title, host = ("".join(random.Random(seed).choices(string.ascii_letters, k=30)) for seed in range(5))
    secrets = text, chat, name, title, host
    room = Room.open(server.url, name=host, ephemeral=True, title=title)
    guest = room.ask_to_join(name).json()
    async with Client(server.url, room.id, guest["token"]) as lin:
        await lin.insert(0, text)
        await lin.say("chat", text=chat)
        await lin.event("chat")
        await lin.until_saved()
        changed = httpx.patch(f"{server.url}/api/rooms/{room.id}/members/{guest['member']}", json={"role": "viewer"}, headers=bearer(room.host))
        assert changed.status_code == 200, "which the audit log notes"
        assert all(found(server.data_dir, secret) for secret in secrets)
    async with asyncio.timeout(SECONDS), httpx.AsyncClient(base_url=server.url) as outside:
        while (await outside.get(f"/api/rooms/{room.id}")).status_code != 404:
            pass
        while any(found(server.data_dir, secret) for secret in secrets):  # until the next fold
            await outside.get("/healthz")
