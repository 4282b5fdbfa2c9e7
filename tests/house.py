"""All of the server below its edges, in one place for tests: a real store on disk, the journal's task, rooms, actions.
Time stands still until a test moves it; the store can be made to fail or to wait."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fourhands.access.account_tokens import AccountTokens
from fourhands.access.passwords import Cost, Passwords
from fourhands.access.tokens import RoomTokens
from fourhands.accounts.accounts import Accounts
from fourhands.accounts.hashing import Hashing
from fourhands.accounts.known import Known
from fourhands.actions.open_room import Opened, open_room
from fourhands.actions.place import Place
from fourhands.errors import Unavailable
from fourhands.execution.languages import load_languages
from fourhands.guard.rates import Rates
from fourhands.model.account import AccountRules
from fourhands.model.clock import SystemClock
from fourhands.model.entry import Entry
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from fourhands.model.room import Member
from fourhands.room.journal import Journal
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer
from fourhands.room.registry import Registry
from fourhands.room.restoring import restore
from fourhands.shared_state.port import SharedState
from fourhands.store.port import Committed
from fourhands.store.sql.store import SqlStore
from tests.room.screen import Screen

LANGUAGES = load_languages()
PATIENCE_SECONDS = 60.0
QUICK = Cost(memory_bytes=8192, passes=1)
"""Passwords that cost next to nothing to hash."""


class HandClock:
    """Implements `model.clock.Clock`; goes forward by `pass_seconds` alone."""

    def __init__(self) -> None:
        self._seconds = 1_700_000_000.0
        self._ahead = 0.0

    def now_ms(self) -> int:
        return int((self._seconds + self._ahead) * 1000)

    def monotonic(self) -> float:
        return self._seconds

    def pass_seconds(self, seconds: float) -> None:
        self._seconds += seconds

    def set_ahead(self, seconds: float) -> None:
        """Somebody sets the clock on the wall."""
        self._ahead = seconds


def since_windows_began() -> SystemClock:
    """The machine's clock, on which windows of rates of whatever length have just begun: none ends in the middle of what a test counts."""
    began = time.monotonic()
    return SystemClock(steady=lambda: 1_000_000 * 3_600.0 + time.monotonic() - began)


async def until(there: Callable[[], object]) -> None:
    """Wait for something that others do. Raises `TimeoutError` if it does not become so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not there():  # noqa: ASYNC110 - whoever does it knows no event of ours
            await asyncio.sleep(0.01)


class MoodyStore(SqlStore):
    """The real store, which fails and waits as a test wishes: in commits, loads, snapshots and deletions."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.failing: Exception | None = None
        self.loads = 0
        self.commits: list[Mapping[str, Sequence[Entry]]] = []
        self.begun = asyncio.Event()
        self.tried = asyncio.Event()
        self._holding: frozenset[str] = frozenset()
        self._open = asyncio.Event()
        self._open.set()

    def hold(self, *what: str) -> None:
        """Let these wait until `release`; all of them if none is named. `begun`: a commit has come."""
        self._holding = frozenset(what or ("commit", "load", "write_snapshot", "delete_room"))
        self.begun.clear()
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def fail(self, error: Exception | None = None) -> None:
        self.failing = error or Unavailable("The disk is full.", "database")

    def mend(self) -> None:
        self.failing = None

    async def failed_once_more(self) -> None:
        """Wait for one more commit that fails."""
        self.tried.clear()
        await asyncio.wait_for(self.tried.wait(), 20)

    async def _mood(self, what: str) -> None:
        if what in self._holding:
            await self._open.wait()
        if self.failing is not None:
            raise self.failing

    async def commit(self, batches: Mapping[str, Sequence[Entry]]) -> Committed:
        self.begun.set()
        try:
            await self._mood("commit")
        finally:
            self.tried.set()
        self.commits.append(batches)
        return await super().commit(batches)

    async def load(self, room_id: str) -> Any:
        self.loads += 1
        await self._mood("load")
        return await super().load(room_id)

    async def write_snapshot(self, room_id: str, snapshot: Any, *, epoch: str | None = None) -> None:
        await self._mood("write_snapshot")
        await super().write_snapshot(room_id, snapshot, epoch=epoch)

    async def delete_room(self, room_id: str) -> None:
        await self._mood("delete_room")
        await super().delete_room(room_id)


@dataclass
class House:
    """What `app` puts together, without edges."""

    store: MoodyStore
    journal: Journal
    registry: Registry
    place: Place
    clock: HandClock
    limits: Limits

    async def open(self, **wishes: Any) -> Opened:
        return await open_room(self.place, **wishes)

    async def enter(self, room_id: str, name: str = "Ada", role: Role = Role.EDITOR, *, events: bool = True) -> tuple[LiveRoom, Peer, Screen]:
        """Somebody who stands in the members table joins the live room."""
        member = Member(name.lower(), room_id, name, "#1d4ed8", role, self.clock.now_ms())
        if await self.store.member(room_id, member.id) is None:
            await self.store.add_member(member)
        room, screen = await self.registry.get(room_id), Screen()
        peer = Peer(member, screen, events=events)
        room.join(peer)
        return room, peer, screen

    async def written(self) -> None:
        """Wait until the journal holds all that was put."""
        await asyncio.wait_for(self.journal.settled(), 20)

    async def text(self, room_id: str) -> str:
        """The text as the store alone holds it."""
        stored = await SqlStore.load(self.store, room_id)
        assert stored is not None
        return restore(stored, self.limits).text()

    async def edits(self, room_id: str) -> list[tuple[str, bytes]]:
        """Author and update of every edit that the journal holds after its snapshot."""
        stored = await SqlStore.load(self.store, room_id)
        assert stored is not None
        return [(edit.member, edit.payload) for edit in stored.edits]


@contextlib.asynccontextmanager
async def open_house(
    folder: Path,
    limits: Limits | None = None,
    *,
    adhoc: bool = False,
    commit_seconds: float = 0.0,
    rules: AccountRules | None = None,
    shared: SharedState | None = None,
) -> AsyncIterator[House]:
    """Start on the database in `folder`, and stop as after a power cut: what is not in the journal then is lost. `shared`: with other houses."""
    limits, clock, store = limits or Limits(), HandClock(), MoodyStore(f"sqlite:///{folder / 'rooms.db'}")
    await store.start()
    journal = Journal(store, commit_seconds=commit_seconds, backlog_bytes=limits.backlog_bytes)
    registry = Registry(store, journal, clock, limits, adhoc=adhoc)
    accounts = Accounts(rules or AccountRules(), AccountTokens("a secret of tests"), Hashing(Passwords(QUICK)), Known(store.accounts, clock))
    tokens, rates = RoomTokens("a secret of tests", 24 * 3600), Rates.by(limits, clock, shared, "a secret of tests")
    place = Place(store, registry, tokens, clock, limits, LANGUAGES, adhoc, accounts=accounts, rates=rates, shared=shared)
    writing = asyncio.create_task(journal.run())
    try:
        yield House(store, journal, registry, place, clock, limits)
        assert not writing.done(), "the journal's task must never end"
    finally:
        store.mend()
        store.release()
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        accounts.hashing.close()
        await store.stop()
