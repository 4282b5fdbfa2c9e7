"""A write-ahead log that is cut at any byte, or whose tail is damaged, opens with every commit before that place."""

import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.soak.conftest import Share, StartServer
from tests.soak.ledger import CHARACTER_BYTES, Ledger
from tests.soak.write_ahead_log import WriteAheadLog
from tests.wire.client import Client, Room

LOG, INDEX = "fourhands.db-wal", "fourhands.db-shm"
MOST_EDITS = 3000
CUTS = 80  # a round


@dataclass
class Past:
    """What a server left behind that was killed, and each text that it said to be saved, with where the log ended then."""

    folder: Path
    room: Room
    texts: list[str] = field(default_factory=list[str])
    logged: list[tuple[bytes, int]] = field(default_factory=list[tuple[bytes, int]])

    @property
    def log(self) -> WriteAheadLog:
        return WriteAheadLog(self.folder / LOG)

    def note(self, text: str) -> None:
        """This was said to be saved now."""
        log = self.log
        self.texts.append(text)
        self.logged.append((log.salts, log.end))

    def allowed(self, cut: int) -> list[str]:
        """The texts that may be found when all of the log before the cut is whole: the last one that was saved by then, or a later one."""
        salts = self.log.salts
        saved = [number for number, (then, end) in enumerate(self.logged) if then != salts or end <= cut]
        return self.texts[saved[-1] if saved else 0 :]


@pytest.fixture
async def past(start_server: StartServer, chance: random.Random, seed: int) -> Past:
    """Edits by one person, each saved before the next: so each text is one commit's."""
    server = start_server(commit_milliseconds=0, fold_seconds=0.3)
    past, ledger = Past(server.data_dir, Room.open(server.url)), Ledger()
    past.note("")
    match seed % 3:
        case 0:  # the log begins with a server on a file that is there
            await type_on(past, ledger, chance, 20)
            server.stop()
            server.start()
        case 1:  # the log was full, and was begun again from its start
            salts = past.log.salts
            while past.log.salts == salts:
                assert len(past.texts) < MOST_EDITS, "the log was never begun again"
                await type_on(past, ledger, chance, 50)
        case _:  # all that ever happened is in the log
            pass
    await type_on(past, ledger, chance, 40)
    server.kill()
    return past


async def type_on(past: Past, ledger: Ledger, chance: random.Random, edits: int) -> None:
    """So many edits: keys, pastes, deletions."""
    async with Client(past.room.url, past.room.id, past.room.host) as ada:
        for _ in range(edits):
            length = len(str(ada.text))
            if length > 20 and chance.random() < 0.3:
                start = chance.randrange(length - 10)
                del ada.text[start * CHARACTER_BYTES : (start + chance.randrange(1, 10)) * CHARACTER_BYTES]
            else:
                ada.text.insert(chance.randrange(length + 1) * CHARACTER_BYTES, ledger.type(1 if chance.random() < 0.7 else chance.randrange(2, 30)))
            await ada.flush()
            await ada.until_saved()
            past.note(str(ada.text))


def copy_of(past: Past, folder: Path, log: bytes, index: str) -> Path:
    """The same files with another log; `index` says what becomes of the shared-memory index."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(past.folder, folder)
    (folder / LOG).write_bytes(log)
    if index == "gone":
        (folder / INDEX).unlink()
    elif index == "garbage":
        (folder / INDEX).write_bytes(random.Random(len(log)).randbytes((folder / INDEX).stat().st_size))
    return folder


async def opened_with(start_server: StartServer, folder: Path, past: Past, allowed: list[str], *, go_on: bool) -> None:
    """The server starts on that folder and finds one of these texts; `go_on`: what is written then is kept as well."""
    server = start_server(data_dir=folder)
    async with Client(server.url, past.room.id, past.room.host) as ada:
        found = str(ada.text)
        if ada.closed == 4404:
            assert allowed[0] == "", "the room is gone"
            return
        assert ada.closed is None
        assert found in allowed, f"{len(found)} characters, which is none of the texts from {len(allowed[0])} characters on"
        if go_on:
            await ada.insert(0, "!")
            await ada.until_saved()
    server.kill()
    if go_on:
        server.start()
        async with Client(server.url, past.room.id, past.room.host) as ada:
            assert str(ada.text) == "!" + found
        server.kill()


@pytest.mark.rounds(10)
async def test_a_log_cut_at_any_byte(past: Past, start_server: StartServer, chance: random.Random, share: Share, tmp_path: Path) -> None:
    log = past.log
    lowest = log.backfilled_end(past.folder / INDEX)
    for _ in range(share(CUTS)):
        cut = chance.choice([end for end in log.frame_ends if end >= lowest]) if chance.random() < 0.5 else chance.randrange(lowest, log.frame_ends[-1])
        folder = copy_of(past, tmp_path / "cut", log.content[:cut], chance.choice(["kept", "gone", "garbage"]))
        await opened_with(start_server, folder, past, past.allowed(cut), go_on=chance.random() < 0.3)


@pytest.mark.rounds(10)
async def test_a_log_with_damage_in_its_tail(past: Past, start_server: StartServer, chance: random.Random, share: Share, tmp_path: Path) -> None:
    log = past.log
    lowest = log.backfilled_end(past.folder / INDEX)
    for _ in range(share(CUTS)):
        at = chance.randrange(lowest, log.frame_ends[-1])
        content = bytearray(log.content)
        if chance.random() < 0.6:
            content[at] ^= 1 << chance.randrange(8)
        else:
            size = chance.randrange(1, 5000)
            content[at : at + size] = chance.randbytes(size)
        folder = copy_of(past, tmp_path / "damaged", bytes(content), chance.choice(["kept", "gone"]))
        await opened_with(start_server, folder, past, past.allowed(log.frame_start(at)), go_on=chance.random() < 0.3)
