"""Programs that pour out what they can, in rooms where somebody does not read: what the server and its runner need for it they need once."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.execution.sandboxes import needs_sandbox
from tests.server import ServerProcess
from tests.soak.test_hostile_programs import SECONDS, Machine, running
from tests.wire.client import Client, Room, clients

pytestmark = needs_sandbox

FLOOD = """\
import os, struct
def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + bytes(4)
picture = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 0, 0, 0, 0)) + chunk(b"IDAT", os.urandom(2_000_000)) + chunk(b"IEND", b"")
for _ in range({pictures}):
    view = memoryview(struct.pack(">I", len(picture)) + picture)
    while view:
        view = view[os.write(int(os.environ["FOURHANDS_PICTURES"]), view) :]
while True:
    os.write(1, b"y" * 65536)
"""
FLOODED_BYTES = 160 << 20
"""What either may take for the first: the runs that are shown and kept (16 MB a room), and what waits for who does not read."""
MORE_BYTES = 48 << 20
"""What a later one may take besides: the rooms of those before are in memory with the runs that they keep."""


@dataclass(frozen=True)
class Size:
    """How many runs flood a room, one after the other, with how many pictures each; and how many rooms, one after the other."""

    runs: int
    pictures: int
    rooms: int


async def flood(server: ServerProcess, size: Size) -> None:
    """A room in which one person runs as much as they may; and two look on, of whom one does not read."""
    room = await asyncio.to_thread(Room.open, server.url, language="python")
    deaf_token = await asyncio.to_thread(room.join, "Deaf")
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, deaf_token)) as (ada, deaf):
        deaf.socket.transport.pause_reading()
        await ada.insert(0, FLOOD.replace("{pictures}", str(size.pictures)))
        for number in range(size.runs):
            await ada.say("run.ask", run=f"flood000{number}")
        for number in range(size.runs):
            end = await ada.event("run.ended", seconds=SECONDS, run=f"flood000{number}")
            assert end["status"] == "output_limit", end
        await ada.drop()
        await deaf.drop()


def forget_peaks(machine: Machine) -> None:
    """Count the most memory of both from now on (proc(5), clear_refs)."""
    for pid in (machine.server, machine.runner):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def peaks(machine: Machine) -> dict[str, int]:
    """The most that each had at once since then, bytes."""
    found = {"server": machine.server, "runner": machine.runner}
    return {name: 1024 * int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) for name, pid in found.items()}  # pyright: ignore[reportOptionalSubscript]


async def test_floods_of_output_and_pictures_take_no_more_memory_each_time(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    size = Size(runs=4, pictures=16, rooms=6) if pytestconfig.option.full else Size(runs=2, pictures=8, rooms=3)
    with running(tmp_path / "data") as server:
        machine = Machine(server)
        before, most = machine.resident(), list[dict[str, int]]()
        for _ in range(size.rooms):
            forget_peaks(machine)
            await flood(server, size)
            most.append(peaks(machine))
        print("floods, MiB:", [{name: taken >> 20 for name, taken in one.items()} for one in most])
        for name in before:
            assert most[0][name] - before[name] < FLOODED_BYTES
            assert max(later[name] for later in most[1:]) - most[0][name] < MORE_BYTES
        assert httpx.get(f"{server.url}/readyz").json()["off"] == []
