"""kill -9 and power cuts at any moment, while people type, delete, chat and reconnect: nothing that was acknowledged is lost,
nothing is doubled, and everybody comes to one text by themselves."""

import asyncio
import random
import subprocess

import pytest

from tests.server import ServerProcess
from tests.soak.conftest import StartServer
from tests.soak.crowd import Crowd
from tests.soak.disk import Disk

KILLS = 10  # a round
SETTINGS = {"idle_seconds": 0.3, "chat_per_minute": 10_000, "chat_kept": 10_000, "fold_seconds": 0.2}
ACTIONS = 80


class Killer:
    """Ends the server when clients have heard something so often: inside of the handler, before anything else."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._what, self._rest = "", 0

    def arm(self, what: str, times: int) -> None:
        """`what`: "saved" or "chat"."""
        self._what, self._rest = what, times

    def heard(self, what: str) -> None:
        if what == self._what and self._rest:
            self._rest -= 1
            if not self._rest:
                self._server.kill()


async def ended(server: ServerProcess, seconds: float) -> bool:
    """Whether it ends by itself (that is, by the disk's hand) in that time."""
    try:
        await asyncio.to_thread(server.wait_ended, seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


@pytest.mark.rounds(10)
async def test_kill_from_inside_the_saved_handler_and_at_any_moment(start_server: StartServer, chance: random.Random) -> None:
    server = start_server(commit_milliseconds=chance.choice([0, 5, 50]), **SETTINGS)
    killer = Killer(server)
    crowds = [Crowd(server, chance, on_said=killer.heard) for _ in range(2)]
    for _ in range(KILLS):
        for crowd in crowds:
            crowd.begin(ACTIONS)
        match how := chance.choice(["saved", "saved", "chat", "moment", "unload"]):
            case "saved" | "chat":
                killer.arm(how, chance.randrange(1, 20))
            case "moment":
                await asyncio.sleep(chance.random() * 0.4)
                server.kill()
            case _:
                for crowd in crowds:
                    await crowd.finish()
                    await crowd.leave()
                await asyncio.sleep(chance.random() * 2.5)
                server.kill()
        for crowd in crowds:
            await crowd.finish()
        killer.arm("", 0)
        server.kill()
        await come_back(server, crowds, chance)
    for crowd in crowds:
        await crowd.end()


async def come_back(server: ServerProcess, crowds: list[Crowd], chance: random.Random) -> None:
    """Start again, perhaps killed a few times while starting; look before anybody brings anything back, or let them come first."""
    first_look = chance.random() < 0.8
    for crowd in crowds:
        if first_look:
            crowd.hold_back()
    while chance.random() < 0.15:
        server.launch()
        await asyncio.sleep(chance.random())
        server.kill()
    await asyncio.to_thread(server.start)
    for crowd in crowds:
        if first_look:
            await crowd.read()
        await crowd.let_in()
    for crowd in crowds:
        await crowd.agree()
        await crowd.read()


@pytest.mark.rounds(10)
async def test_kill_at_any_call_to_the_disk(start_server: StartServer, disk: Disk, chance: random.Random) -> None:
    server = start_server(disk=disk, commit_milliseconds=chance.choice([0, 5, 50]), **SETTINGS)
    killer = Killer(server)
    crowds = [Crowd(server, chance, on_said=killer.heard) for _ in range(2)]
    for _ in range(KILLS):
        if chance.random() < 0.5:
            disk.slow_down(write_us=chance.randrange(1000), sync_us=chance.randrange(20_000))
        await kill_by_disk(server, disk, crowds, killer, chance)
        if chance.random() < 0.5:
            disk.cut_power(server.data_dir, chance)
        disk.mend()
        for crowd in crowds:
            crowd.hold_back()
        while chance.random() < 0.3:
            await kill_while_starting(server, disk, chance)
        await come_back(server, crowds, chance)
    for crowd in crowds:
        await crowd.end()


async def kill_by_disk(server: ServerProcess, disk: Disk, crowds: list[Crowd], killer: Killer, chance: random.Random) -> None:
    """While people type, when they hear something of a slow disk's, while their rooms leave memory, or while the server stops."""
    during = chance.choice(["work", "work", "saved", "chat", "unload", "stop"])
    if during == "work":
        disk.kill_after(chance.randrange(1, 80), half=chance.random() < 0.5)
    elif during in {"saved", "chat"}:
        disk.slow_down(write_us=10_000)  # what is said a moment early is said long before
        killer.arm(during, chance.randrange(1, 4))
    for crowd in crowds:
        crowd.begin(ACTIONS)
    for crowd in crowds:
        await crowd.finish()
    if during == "unload":
        for crowd in crowds:
            await crowd.leave()
        disk.kill_after(chance.randrange(1, 30), half=chance.random() < 0.5)
        await ended(server, 2.5)
    elif during == "stop":
        disk.kill_after(chance.randrange(1, 30), half=chance.random() < 0.5)
        await asyncio.to_thread(server.stop)
    server.kill()
    killer.arm("", 0)


async def kill_while_starting(server: ServerProcess, disk: Disk, chance: random.Random) -> None:
    """Inside of what starting does to the files; perhaps with the power gone."""
    disk.kill_after(chance.randrange(1, 30), half=chance.random() < 0.5)
    told = server.launch()
    await asyncio.to_thread(told.wait, 20)
    server.kill()
    if chance.random() < 0.5:
        disk.cut_power(server.data_dir, chance)
    disk.mend()
