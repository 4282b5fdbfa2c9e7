"""Makes the snapshots that are missing where many edits came at once, from the journal: a room's own are taken once a second.

    asked for (much came at once, a seek took long, `fourhands journal compact`)
      ──> for each stretch without snapshots: load the one before ──some 5,000 edits──> keep ──some 5,000 edits──> keep ...

Called by `registry.py`, where history is read, and by operators. It is done in a thread, in steps of 5,000 edits, with a
rest after each for longer than that took: nobody notices. What a crash or an ending room cuts off is done another time.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog

from fourhands.errors import FourhandsError, Unavailable
from fourhands.model.entry import EntryKind
from fourhands.model.limits import Limits
from fourhands.room.document import Document, DocumentBroken
from fourhands.room.restoring import in_parts, made_of, shown
from fourhands.store.port import Store
from fourhands.store.snapshots import Snapshot, Stretch

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.checkpoints")

REST = 2
"""A step is followed by a rest of so many times what it took."""
MOST_ASKED = 256
"""Rooms that wait; one more is not noted, and asked for again when somebody goes back in it."""
MOST_GIVEN_UP = 4096
CHAIN_SHARE = 3
"""A snapshot is whole again when those that it would build on have more than so many times its bytes."""


class Checkpoints:
    """Which rooms are to be looked at.

    Invariant: `_asked` holds no more than `MOST_ASKED` rooms, each with the time from when on it is looked at; `_given_up`
    no more than `MOST_GIVEN_UP` stretches of which not all could be kept, each with where it ended.
    """

    def __init__(self, store: Store, rest: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._store = store
        self._rest = rest
        self._asked: dict[str, float] = {}
        self._given_up: dict[tuple[str, int], int] = {}
        self._changed = asyncio.Event()

    def ask(self, room_id: str, in_seconds: float = 0.0) -> None:
        """Look at the room, when its edits are no longer in the store's log alone."""
        if room_id in self._asked or len(self._asked) < MOST_ASKED:
            self._asked[room_id] = time.monotonic() + in_seconds
            self._changed.set()

    async def run(self) -> None:
        """Do what was asked for, for ever."""
        while True:
            room_id = min(self._asked, key=self._asked.__getitem__, default=None)
            left = None if room_id is None else self._asked[room_id] - time.monotonic()
            if room_id is None or (left is not None and left > 0):
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self._changed.wait()
                continue
            del self._asked[room_id]
            try:
                await self.fill(room_id)
            except Unavailable as error:
                log.warning("checkpoints.unavailable", room=room_id, reason=str(error))
            except Exception:
                log.exception("checkpoints.failed", room=room_id)

    async def fill(self, room_id: str) -> int:
        """Make all snapshots that are missing in a room; how many. Raises what the store raises."""
        made = 0
        for stretch in await self._store.stretches(room_id):
            mark = (room_id, stretch.after)
            if stretch.places[-1] > self._given_up.get(mark, 0):
                kept = await self._fill(room_id, stretch)
                made += kept
                if kept < len(stretch.places):
                    self._given_up[mark] = stretch.places[-1]
                    if len(self._given_up) > MOST_GIVEN_UP:
                        del self._given_up[next(iter(self._given_up))]
        return made

    async def _fill(self, room_id: str, stretch: Stretch) -> int:
        """How many of the snapshots were kept. An edit that cannot be applied ends it: whoever opens the room is told."""
        stored = await self._store.seek(room_id, position=stretch.after)
        if stored is None or stored.head != stretch.after or len(stored.edits) or stored.room.epoch != stretch.epoch:
            return 0  # without the snapshot that stood there
        made = 0
        try:
            past = await asyncio.to_thread(_Past, stored.snapshot)
            at = stretch.after
            for place in stretch.places:
                edits = [entry.payload for entry in await self._store.entries(room_id, at, place - at) if entry.kind is EntryKind.EDIT]
                began = time.monotonic()
                kept = await asyncio.to_thread(past.go_on, edits) and await self._keep(room_id, stretch.epoch, past, place)
                made += kept
                at = place
                await self._rest(REST * (time.monotonic() - began))
        except Unavailable:
            raise
        except (FourhandsError, DocumentBroken) as error:
            log.warning("checkpoints.given_up", room=room_id, after=stretch.after, reason=str(error))
        return made

    async def _keep(self, room_id: str, epoch: str, past: "_Past", place: int) -> bool:
        for whole in (True, False) if past.is_long else (False,):
            snapshot = await asyncio.to_thread(past.snapshot, place, whole=whole)
            if snapshot is not None and await self._store.add_snapshot(room_id, epoch, snapshot):
                past.was_kept(snapshot)
                return True
            past.drop()
        return False


class _Past:
    """A room as it stood somewhere, and the snapshots that were kept up to there.

    Invariant: `_again`, if there is one, is made of `_states`, which a snapshot at `_base` stands for.
    """

    def __init__(self, snapshot: Snapshot | None) -> None:
        """Raises `InvalidRequest` or `DocumentBroken`."""
        self._states: list[bytes] = [] if snapshot is None else list(snapshot.states)
        self._base = None if snapshot is None else snapshot.position
        self._vector = b"" if snapshot is None else snapshot.vector
        self._document = made_of(Limits(), self._states)
        self._again: Document | None = None

    def go_on(self, edits: Sequence[bytes]) -> bool:
        """Apply them; whether all are in it now: a snapshot leaves out what waits for its parents. Raises as `Document.apply`."""
        for edit in edits:
            self._document.apply(edit)
        self._document.flush()
        return not self._document.waiting

    @property
    def is_long(self) -> bool:
        """Whether what the next snapshot would build on is far more than the document."""
        return not self._vector or sum(map(len, self._states)) > CHAIN_SHARE * len(self._document.state())

    def snapshot(self, place: int, *, whole: bool) -> Snapshot | None:
        """A snapshot of the document as it is; None if what it holds does not stand for that."""
        vector = self._document.state_vector()
        if whole or not self._vector:
            base, parts = None, in_parts(self._document.state())
            self._again = made_of(Limits(), parts)
        else:
            base, parts = self._base, in_parts(self._document.state(self._vector), self._vector)
            self._again = self._again or made_of(Limits(), self._states)
            for part in parts:
                self._again.load(part)
        return Snapshot(place, parts[-1], base, vector, first=parts[:-1]) if shown(self._again) == shown(self._document) else None

    def was_kept(self, snapshot: Snapshot) -> None:
        """Let the next one build on it."""
        self._states = [*(() if snapshot.base is None else self._states), *snapshot.states]
        self._base, self._vector = snapshot.position, snapshot.vector

    def drop(self) -> None:
        """It was not kept."""
        self._again = None
