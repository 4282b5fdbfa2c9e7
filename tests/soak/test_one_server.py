"""One server a database: a second one is refused with a sentence and harms nothing; one that was killed leaves nothing in the way."""

import os
import random
import signal

import pytest

from tests.server import ServerProcess
from tests.soak.conftest import Share, StartServer
from tests.wire.client import Client, Room

STARTS = 40  # a round


def is_refused(second: ServerProcess) -> bool:
    try:
        second.start()
    except AssertionError:
        assert "Another server" in second.log, second.log
        assert "Traceback" not in second.log, second.log
        return True
    return False


async def test_a_second_server_is_refused_and_the_first_goes_on(start_server: StartServer) -> None:
    first = start_server()
    room = Room.open(first.url)
    async with Client(first.url, room.id, room.host) as ada:
        await ada.insert(0, "before;")
        await ada.until_saved()
        for _ in range(3):
            assert is_refused(start_server(data_dir=first.data_dir, listen=False)), "two servers work with one database"
        await ada.insert(0, "after;")
        await ada.until_saved()
    first.kill()
    first.start()
    async with Client(first.url, room.id, room.host) as again:
        assert str(again.text) == "after;before;"


async def test_a_second_server_by_another_name_of_the_file_is_refused_too(start_server: StartServer) -> None:
    first = start_server()
    other = first.data_dir.with_name("other")
    other.mkdir()
    (other / "fourhands.db").symlink_to(first.data_dir / "fourhands.db")
    assert is_refused(start_server(data_dir=other, listen=False)), "two servers work with one database"
    linked = first.data_dir.with_name("linked")
    linked.symlink_to(first.data_dir)
    assert is_refused(start_server(data_dir=linked, listen=False)), "two servers work with one database"


@pytest.mark.rounds(10)
async def test_a_killed_or_stopped_server_is_in_nobodys_way(start_server: StartServer, chance: random.Random, share: Share) -> None:
    server = start_server()
    room, written = Room.open(server.url), ""
    for number in range(share(STARTS)):
        async with Client(server.url, room.id, room.host) as ada:
            assert str(ada.text) == written
            await ada.insert(0, f"{number};")
            await ada.until_saved()
            written = str(ada.text)
        if chance.random() < 0.7:
            server.kill()
        else:
            server.stop()
        server.start()


@pytest.mark.rounds(10)
async def test_of_servers_that_start_at_once_one_is_there(start_server: StartServer, chance: random.Random, share: Share) -> None:
    first = start_server()
    first.kill()
    for _ in range(share(STARTS)):
        rivals = [start_server(data_dir=first.data_dir, listen=False) for _ in range(3)]
        told = [rival.launch() for rival in rivals]
        for rival, event in zip(rivals, told, strict=True):
            assert event.wait(20), rival.log
        alive = [rival for rival in rivals if rival.url]
        assert len(alive) == 1, f"{len(alive)} of 3 work with one database"
        os.kill(alive[0].pid, chance.choice([signal.SIGKILL, signal.SIGTERM]))
        alive[0].wait_ended()
        for rival in rivals:
            rival.kill()
