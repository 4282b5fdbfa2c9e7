"""`saved` leaves the server only after the log with the edit was synced to disk, as a trace of its system calls shows."""

import random
import re
from pathlib import Path

import pytest

from tests.soak.conftest import Share, StartServer
from tests.soak.system_calls import SENDING, calls, traced
from tests.wire.client import Client, Room, clients

SAVED = re.compile(r'\\"type\\":\\"saved\\",\\"count\\":(\d+)')


def word(number: int) -> str:
    """What is typed as that message; readable in a trace."""
    return f"word{number:05d}x"


@pytest.mark.rounds(1)
async def test_each_saved_follows_a_sync_of_the_log_that_follows_the_write(
    start_server: StartServer, share: Share, chance: random.Random, tmp_path: Path
) -> None:
    server = start_server(commit_milliseconds=5)
    room, words = Room.open(server.url), range(2, share(300) + 2)  # message 1 is the step 2
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join(), plain=True)) as (ada, lin):
        await ada.until_saved()
        async with traced(server.pid, tmp_path / "trace"):
            for number in words:
                await ada.insert(0, word(number))
                if chance.random() < 0.3:
                    await lin.insert(0, "others type too;")
                if chance.random() < 0.5:
                    await ada.until_saved()
            await ada.until_saved()
    trace = [call for call in calls(tmp_path / "trace") if not call.failed]
    log = [call for call in trace if call.file.endswith("-wal")]
    syncs = [call for call in log if call.name in {"fdatasync", "fsync"}]
    said = [(call, int(count)) for call in trace if call.name in SENDING and not call.file.startswith("/") for count in SAVED.findall(call.given)]
    assert said[-1][1] == words[-1], "the trace does not hold what was said"
    for number in words:
        written = next(call for call in log if call.name == "pwrite64" and word(number) in call.given)
        saved = next(call for call, count in said if count >= number)
        assert any(written.returned < sync.began and sync.returned < saved.began for sync in syncs), f"{word(number)} was said to be saved before it was synced"
