"""A room into which a secret was pasted, and how it is erased."""

from pathlib import Path

import msgspec
from pycrdt import Doc, Text
from sqlalchemy import select

from fourhands.model.entry import Entry, EntryKind
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Invite, Member, Room
from fourhands.protocol.erasing import erase
from fourhands.protocol.redacting import redact, redact_text
from fourhands.store.rewriting import Rewriting
from fourhands.store.snapshots import Snapshot
from fourhands.store.sql.store import SqlStore
from fourhands.store.sql.tables import blocks, journal, members, rooms, snapshots

FILE, ROOM, OTHER = "rooms.db", "room", "other"
SECRET = "correct horse battery staple"
HEAD = 44
MARK = Entry(EntryKind.ROOM, b'{"change":"erased","characters":28,"member":"m"}', 9, "m")


def edits() -> list[bytes]:
    """Forty keystrokes and one pasted line."""
    doc: Doc[Text] = Doc(client_id=7)
    sent: list[bytes] = []
    doc.observe(lambda event: sent.append(event.update))
    text = doc.get("file:main", type=Text)
    for number in range(20):
        text.insert(number, "x")
    text.insert(10, f"[{SECRET}]")
    for number in range(20):
        text.insert(number, "y")
    return sent


def erasing(head: int = HEAD) -> Rewriting:
    ranges = {7: [(21, 21 + len(SECRET))]}
    return Rewriting(
        head=head,
        epoch="epoch",
        new_epoch="epoch.1",
        mark=MARK,
        update=lambda update: erase(update, ranges),
        payload=lambda payload: redact(payload, SECRET)[0],
        line=lambda line: redact_text(line, SECRET)[0],
    )


async def paste(store: SqlStore) -> None:
    """Write the room, and another one beside it. Most of it stands in rows, the newest in the log alone."""
    sent = edits()
    for room_id, title in ((ROOM, f"my {SECRET}"), (OTHER, "kept")):
        room = Room(room_id, title, "python", GuestRole.EDITOR, False, "epoch", 1, 1)
        await store.create_room(room, Member("m", room_id, SECRET[:20], "#1d4ed8", Role.HOST, 1), [Invite(room_id, Role.HOST, f"key-{room_id}")], [])
    await store.change_member(ROOM, "m", name=f"{SECRET}!")
    await store.commit({ROOM: [Entry(EntryKind.EDIT, edit, 2, "m") for edit in sent[:25]], OTHER: [Entry(EntryKind.CHAT, b'{"text":"kept"}', 2, "m")]})
    await store.fold()
    state: Doc[Text] = Doc()
    for edit in sent[:25]:
        state.apply_update(edit)
    await store.write_snapshot(ROOM, Snapshot(25, state.get_update(), vector=state.get_state()))
    said = msgspec.json.encode({"id": 0, "member": "m", "name": "Ada", "color": "#1d4ed8", "text": f"it is {SECRET}", "at": 3})
    ran = msgspec.json.encode({"id": "run1", "output": [["stdout", SECRET[:9]], ["stdout", SECRET[9:]]]})
    await store.commit({ROOM: [Entry(EntryKind.CHAT, said, 3, "m"), Entry(EntryKind.RUN, ran, 3, "m"), Entry(EntryKind.CHAT, b'{"text":"other"}', 3, "m")]})
    await store.commit({ROOM: [Entry(EntryKind.EDIT, edit, 4, "m") for edit in sent[25:]]})


async def rows(store: SqlStore) -> set[bytes]:
    """The bytes of the rows that hold it, as they are kept; the newest edits hold nothing of it."""

    def read(connection: object) -> set[bytes]:
        found: set[bytes] = set()
        for table, column in ((blocks, "payload"), (snapshots, "state"), (journal, "payload"), (members, "name")):
            statement = select(table.c[column]).where(table.c.room_id == ROOM)
            if table is blocks:
                statement = statement.where(blocks.c.first <= 21, blocks.c.last >= 21)
            if table is journal:
                statement = statement.where(journal.c.position.in_([26, 27]))
            found.update(connection.execute(statement).scalars())  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
        found.update(connection.execute(select(rooms.c.title).where(rooms.c.id == ROOM)).scalars())  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
        return found

    return await store.database.read(read)


def standing(folder: Path, held: set[bytes], now: set[bytes] | frozenset[bytes] = frozenset()) -> int:
    """How many of those rows stand in the database's files, in any part of 24 bytes that the rows of `now` do not have."""
    files, new = (b"\0\0".join(parts) for parts in ([path.read_bytes() for path in sorted(folder.iterdir())], sorted(now)))
    parts = [[row[start : start + 24] for start in range(0, max(1, len(row) - 23), 8)] for row in held]
    return sum(any(part in files and part not in new for part in of_row) for of_row in parts)
