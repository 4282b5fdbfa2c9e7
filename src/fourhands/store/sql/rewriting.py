"""Rewriting all that is stored of a room, in one transaction: something is to leave its past.

    fold the log ──> read and rewrite beside the writer ──> put all of it in place of what was read ──> empty SQLite's log
                          ^                                             │
                          └── something else has changed meanwhile ─────┘

A cut leaves the room as it was or as it is to be. `secure_delete` overwrites the rows that were; SQLite's own log, which still
has them, is brought to nothing behind the transaction, and by every start.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Table, func, select, update

from fourhands.errors import Conflict, NotFound
from fourhands.model.entry import Entry
from fourhands.store.rewriting import Rewriting, Rewritten
from fourhands.store.sealing import Box, Sealer
from fourhands.store.snapshots import Snapshot
from fourhands.store.sql import journal, snapshots
from fourhands.store.sql.engine import Database
from fourhands.store.sql.folder import Folder
from fourhands.store.sql.log import Log, written
from fourhands.store.sql.rooms import NO_ROOM
from fourhands.store.sql.tables import blocks, invites, members, rooms

MOVED_ON = "Somebody has changed this room meanwhile. Nothing was rewritten; try again."
TRIES = 5
SCRUBS, SCRUB_SECONDS = 25, 0.2


class NotYet(Exception):
    """What was planned does not fit any more: plan again."""


@dataclass(slots=True)
class _Change:
    """A row that is to be another, if it still is what was read."""

    table: Table
    key: dict[str, object]
    before: bytes
    values: dict[str, object]


@dataclass(slots=True)
class Plan:
    """What is to be put in place. `spans` and `places`: of the rows of edits, and of snapshots, as they were read."""

    spans: Sequence[tuple[int, int]]
    places: Sequence[int]
    changes: list[_Change] = field(default_factory=list[_Change])
    edits: int = 0
    entries: int = 0
    snapshots: int = 0


class Rewriter:
    """The one that rewrites rooms of a database, with what its store knows of it in memory."""

    def __init__(self, database: Database, log: Log, folder: Folder, sealer: Sealer) -> None:
        self._database = database
        self._log = log
        self._folder = folder
        self._sealer = sealer

    async def rewrite(self, room_id: str, wanted: Rewriting) -> Rewritten:
        """Raises `NotFound`, also for a room that has ended, and `Conflict` if it stands elsewhere or goes on changing."""
        for _ in range(TRIES):
            await self._folder.fold()
            plan = await self._database.read(lambda connection: planned(connection, self._sealer, room_id, wanted))
            try:
                await self._database.on_writer(lambda plan=plan: self._put(room_id, wanted, plan))
            except NotYet:
                continue
            return Rewritten(plan.edits, plan.entries, plan.snapshots, await self._scrub(room_id))
        raise Conflict(MOVED_ON)

    def _put(self, room_id: str, wanted: Rewriting, plan: Plan) -> None:
        """In the writer's thread, where nothing is committed meanwhile. Raises `NotYet` if a row is not what was read."""
        held = self._log.held(room_id)
        if held is not None and held.entries:
            raise NotYet
        with self._database.transaction() as connection:
            row = _room(connection, room_id, wanted)
            if row.head != wanted.head:
                raise NotYet
            if next(written(connection, self._sealer, room_id), None) is not None:
                raise NotYet  # rows of the log have it still
            _put_all(connection, self._sealer, row, wanted, plan)
        self._log.forget(room_id)  # its head is another

    async def _scrub(self, room_id: str) -> bool:
        """Let go what SQLite's own log holds; whether it was done, or somebody reads there for long."""
        self._folder.erased(room_id)
        for _ in range(SCRUBS):
            await self._folder.fold()
            if self._folder.is_scrubbed:
                return True
            await asyncio.sleep(SCRUB_SECONDS)
        return False


# ---- what is to be another ------------------------------------------------------------------------------------------


def planned(connection: Connection, sealer: Sealer, room_id: str, wanted: Rewriting) -> Plan:
    """Read all of the room and rewrite it, in a reader's thread: it may take long. Raises `NotFound`, `Conflict`."""
    row = _room(connection, room_id, wanted)
    box = sealer.box(room_id, row.key)
    plan = Plan(journal.spans(connection, room_id), snapshots.places(connection, room_id))
    _plan_edits(connection, box, room_id, wanted.update, plan)
    _plan_entries(connection, box, room_id, wanted.payload, plan)
    _plan_snapshots(connection, box, room_id, wanted.update, plan)
    title = box.open("title", 0, row.title).decode()
    if (line := wanted.line(title)) != title:
        plan.changes.append(_Change(rooms, {"id": room_id}, row.title, {"title": box.seal("title", 0, line.encode())}))
    _plan_lines(connection, box, room_id, wanted, plan)
    return plan


def _room(connection: Connection, room_id: str, wanted: Rewriting, *, locked: bool = False) -> Row[Any]:
    there = select(rooms).where(rooms.c.id == room_id, rooms.c.ended_at_ms.is_(None))
    row = connection.execute(there.with_for_update() if locked else there).one_or_none()
    if row is None:
        raise NotFound(NO_ROOM)
    if row.epoch != wanted.epoch or row.head > wanted.head:
        raise Conflict(MOVED_ON)
    return row


def _plan_edits(connection: Connection, box: Box, room_id: str, rewritten: Callable[[bytes], bytes], plan: Plan) -> None:
    for first, last in plan.spans:
        row = connection.execute(select(blocks).where(blocks.c.room_id == room_id, blocks.c.last == last)).one()
        updates = journal.updates(box, [row], first - 1, last)
        if all(rewritten(one) is one for one in updates):
            continue
        edits: list[Entry] = []
        for edit in journal.open_block(box, row):
            payload = rewritten(edit.payload)
            plan.edits += payload is not edit.payload
            edits.append(Entry(edit.kind, payload, edit.at_ms, edit.member))
        values = journal.block_row(room_id, box, first, edits, small=row.small)
        plan.changes.append(_Change(blocks, {"room_id": room_id, "last": last}, row.payload, {"payload": values["payload"]}))


def _plan_entries(connection: Connection, box: Box, room_id: str, rewritten: Callable[[bytes], bytes], plan: Plan) -> None:
    table = journal.journal
    for row in connection.execute(select(table.c.position, table.c.kind, table.c.payload).where(table.c.room_id == room_id)):
        payload = box.open(row.kind, row.position, row.payload)
        if (after := rewritten(payload)) is not payload:
            plan.entries += 1
            sealed = box.seal(row.kind, row.position, after)
            plan.changes.append(_Change(table, {"room_id": room_id, "position": row.position}, row.payload, {"payload": sealed}))


def _plan_snapshots(connection: Connection, box: Box, room_id: str, rewritten: Callable[[bytes], bytes], plan: Plan) -> None:
    for position in plan.places:
        table = snapshots.snapshots
        row = connection.execute(select(table.c.position, table.c.state).where(table.c.room_id == room_id, table.c.position == position)).one()
        vector, parts = snapshots.unsqueezed(box, row)
        after = [rewritten(part) for part in parts]
        if any(one is not part for one, part in zip(after, parts, strict=True)):
            plan.snapshots += 1
            state = box.seal("snapshot", position, snapshots.squeeze(Snapshot(position, after[-1], vector=vector, first=after[:-1])))
            plan.changes.append(_Change(table, {"room_id": room_id, "position": position}, row.state, {"state": state}))


def _plan_lines(connection: Connection, box: Box, room_id: str, wanted: Rewriting, plan: Plan) -> None:
    """Names of members, and what hosts called their invitations."""
    for table, column in ((members, "name"), (invites, "label")):
        for row in connection.execute(select(table.c.id, table.c[column]).where(table.c.room_id == room_id)):
            line = box.open(f"{column}/{row.id}", 0, row[1]).decode()
            after = wanted.line(line)
            if table is members:
                after = wanted.member(row.id, after)
            if after != line:
                plan.entries += 1
                values: dict[str, object] = {column: box.seal(f"{column}/{row.id}", 0, after.encode())}
                plan.changes.append(_Change(table, {"room_id": room_id, "id": row.id}, row[1], values))


# ---- in its place ---------------------------------------------------------------------------------------------------


def put(connection: Connection, sealer: Sealer, room_id: str, wanted: Rewriting, plan: Plan) -> None:
    """Put what was planned in place of what was read, where rows are all there is of a room. Raises `NotYet`, `NotFound`, `Conflict`."""
    row = _room(connection, room_id, wanted, locked=True)
    if row.head != wanted.head:
        raise NotYet
    _put_all(connection, sealer, row, wanted, plan)


def _put_all(connection: Connection, sealer: Sealer, row: Row[Any], wanted: Rewriting, plan: Plan) -> None:
    _put(connection, row.id, plan)
    journal.write(connection, journal.rows_of(row.id, sealer.box(row.id, row.key), row.head, [wanted.mark]))
    values = {"head": row.head + 1, "epoch": wanted.new_epoch, "last_used_at_ms": max(row.last_used_at_ms, wanted.mark.at_ms)}
    connection.execute(update(rooms).where(rooms.c.id == row.id).values(**values))


def _put(connection: Connection, room_id: str, plan: Plan) -> None:
    """Raises `NotYet` if a row is not the one that was read, or there are others."""
    if journal.spans(connection, room_id) != plan.spans or snapshots.places(connection, room_id) != plan.places:
        raise NotYet
    for change in plan.changes:
        mine = [change.table.c[name] == value for name, value in change.key.items()]
        column = next(iter(change.values))
        if connection.execute(select(func.count()).select_from(change.table).where(*mine, change.table.c[column] == change.before)).scalar_one() != 1:
            raise NotYet
        connection.execute(update(change.table).where(*mine).values(**change.values))
