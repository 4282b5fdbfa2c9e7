"""A place to act in: a real store on a file of its own, a journal that runs, and a clock that tests turn."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fourhands.access.tokens import RoomTokens
from fourhands.actions.open_room import Opened, open_room
from fourhands.actions.place import Place
from fourhands.execution.languages import load_languages
from fourhands.model.limits import Limits
from fourhands.model.room import Member
from fourhands.protocol.close import CloseCode
from fourhands.room.journal import Journal
from fourhands.room.peer import Peer
from fourhands.room.registry import Registry
from fourhands.store.sql.store import SqlStore


class TurnedClock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def now_ms(self) -> int:
        return int(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds


class Kept:
    """An outbox that keeps what it is given."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.closed: CloseCode | None = None

    def put(self, frame: bytes) -> None:
        self.frames.append(frame)

    def close(self, code: CloseCode, reason: str) -> None:
        self.closed = code

    def said(self, kind: str) -> int:
        """How many events of that type it was given."""
        return sum(f'"type":"{kind}"'.encode() in frame for frame in self.frames)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    store, clock, limits = SqlStore(f"sqlite:///{tmp_path / 'rooms.db'}"), TurnedClock(), Limits()
    await store.start()
    journal = Journal(store, commit_seconds=0, backlog_bytes=1_000_000)
    registry = Registry(store, journal, clock, limits, adhoc=False)
    writer = asyncio.create_task(journal.run())
    yield Place(store, registry, RoomTokens("a secret for tests", 3600), clock, limits, load_languages(), adhoc=False)
    await journal.settled()
    writer.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await writer
    await store.stop()


@pytest.fixture
async def opened(place: Place) -> Opened:
    return await open_room(place, title="Pairing", name="Ada")


async def enter(place: Place, member: Member) -> tuple[Peer, Kept]:
    """A member's connection in the live room."""
    outbox = Kept()
    peer = Peer(member, outbox, events=True)
    (await place.registry.get(member.room_id)).join(peer)
    return peer, outbox
