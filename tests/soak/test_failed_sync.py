"""A disk that fails one sync forgets what it was to write, and the next sync succeeds: what is said to be saved afterwards is
there all the same after a power cut."""

import asyncio
import random

import pytest

from tests.soak.conftest import StartServer
from tests.soak.disk import Disk
from tests.wire.client import SECONDS, Client, Room


async def until_folded(disk: Disk, writes: int) -> None:
    """Wait until something was written that was not synced: a fold, which can be done again."""
    async with asyncio.timeout(SECONDS):
        while disk.plan.writes == writes:  # noqa: ASYNC110 - another process tells no events
            await asyncio.sleep(0.02)


@pytest.mark.rounds(10)
@pytest.mark.parametrize("killed", [False, True], ids=["", "and the server killed"])
async def test_nothing_is_saved_behind_a_hole_in_the_log(start_server: StartServer, disk: Disk, chance: random.Random, killed: bool) -> None:
    server = start_server(disk=disk, fold_seconds=0.1, commit_milliseconds=0)
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.insert(0, "before;")
        await ada.until_saved()
        await until_folded(disk, disk.plan.writes)
        disk.fail_syncs(1)
        await ada.insert(0, "meanwhile;")
        if killed:
            await ada.event("room.storage", ok=False)
            server.kill()
        else:
            await ada.until_saved()
    if killed:
        server.start()
    async with Client(server.url, room.id, room.host, doc=ada.doc) as again:
        for number in range(chance.randrange(1, 5)):
            await again.insert(0, f"{number};")
            await again.until_saved()
        server.kill()
    disk.cut_power(server.data_dir, chance)
    server.start()
    async with Client(server.url, room.id, room.host) as reader:
        assert str(reader.text) == str(ada.text)
