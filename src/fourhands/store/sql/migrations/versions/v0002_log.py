"""A log that is folded into rows; each edit has its own position; edits in compressed blocks; several snapshots a room;
columns for what may be sealed."""

import json
import zlib
from collections.abc import Iterator
from itertools import pairwise

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _room_id(table: str) -> sa.Column[str]:
    return sa.Column("room_id", sa.String(64), sa.ForeignKey("rooms.id", name=f"fk_{table}_room_id", ondelete="CASCADE"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "log", sa.Column("id", sa.Integer, nullable=False), sa.Column("payload", sa.LargeBinary, nullable=False), sa.PrimaryKeyConstraint("id", name="pk_log")
    )
    op.drop_index("ix_journal_kind", "journal")
    op.rename_table("journal", "journal_0001")
    op.rename_table("snapshots", "snapshots_0001")
    if op.get_bind().dialect.name == "postgresql":  # names of keys are the schema's there, not the table's
        op.execute("ALTER INDEX pk_journal RENAME TO pk_journal_0001")
        op.execute("ALTER INDEX pk_snapshots RENAME TO pk_snapshots_0001")
    op.create_table(
        "journal",
        _room_id("journal"),
        sa.Column("position", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("member", sa.String(64), nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("room_id", "position", name="pk_journal"),
    )
    op.create_index("ix_journal_kind", "journal", ["room_id", "kind", "position"])
    op.create_table(
        "blocks",
        _room_id("blocks"),
        sa.Column("last", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        sa.Column("small", sa.Boolean, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("room_id", "last", name="pk_blocks"),
    )
    op.create_table(
        "snapshots",
        _room_id("snapshots"),
        sa.Column("position", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("base", sa.BigInteger),
        sa.PrimaryKeyConstraint("room_id", "position", name="pk_snapshots"),
    )
    connection = op.get_bind()
    for (room_id,) in connection.execute(sa.text("SELECT id FROM rooms")).all():
        _renumber(connection, room_id)
    op.drop_table("journal_0001")
    op.drop_table("snapshots_0001")
    with op.batch_alter_table("rooms", table_kwargs={"sqlite_with_rowid": False}) as rooms:
        rooms.add_column(sa.Column("key", sa.LargeBinary))
        rooms.alter_column("title", type_=sa.LargeBinary, existing_nullable=False, postgresql_using="convert_to(title, 'UTF8')")
    with op.batch_alter_table("members", table_kwargs={"sqlite_with_rowid": False}) as members:
        members.alter_column("name", type_=sa.LargeBinary, existing_nullable=False, postgresql_using="convert_to(name, 'UTF8')")
    if connection.dialect.name == "sqlite":
        connection.execute(sa.text("UPDATE rooms SET title = CAST(title AS BLOB)"))
        connection.execute(sa.text("UPDATE members SET name = CAST(name AS BLOB)"))


def _renumber(connection: sa.Connection, room_id: str) -> None:
    """Give every edit a position of its own: a row of many becomes a block, and what follows moves on."""
    kept = connection.execute(sa.text("SELECT position, state FROM snapshots_0001 WHERE room_id = :room"), {"room": room_id}).one_or_none()
    rows = connection.execute(sa.text("SELECT position, kind, at_ms, payload FROM journal_0001 WHERE room_id = :room ORDER BY position"), {"room": room_id})
    position, until_ms, snapshot_at = 0, 0, (0, 0)
    for old_position, kind, at_ms, payload in rows:
        if kind == "edits":
            edits = list(_edits(payload, at_ms))
            first, latest = position + 1, max(time for _, time, _ in edits)
            position += len(edits)
            connection.execute(
                sa.text("INSERT INTO blocks (room_id, last, first, until_ms, small, payload) VALUES (:room, :last, :first, :until, false, :payload)"),
                {"room": room_id, "last": position, "first": first, "until": latest, "payload": _block(edits)},
            )
        else:
            position, latest = position + 1, at_ms
            connection.execute(
                sa.text("INSERT INTO journal (room_id, position, kind, at_ms, member, payload) VALUES (:room, :position, :kind, :at, :member, :payload)"),
                {"room": room_id, "position": position, "kind": kind, "at": at_ms, "member": _member(kind, payload), "payload": payload},
            )
        until_ms = max(until_ms, latest)
        if kept is not None and old_position <= kept.position:
            snapshot_at = position, until_ms
    if kept is not None:
        connection.execute(
            sa.text("INSERT INTO snapshots (room_id, position, until_ms, state) VALUES (:room, :position, :until, :state)"),
            {"room": room_id, "position": snapshot_at[0], "until": snapshot_at[1], "state": zlib.compress(b"\0" + kept.state)},
        )
    connection.execute(sa.text("UPDATE rooms SET head = :head WHERE id = :room"), {"head": position, "room": room_id})


def _edits(payload: bytes, at_ms: int) -> Iterator[tuple[str, int, bytes]]:
    """Author, time and update of a row as it was: varUint format 1, authors, edits. A damaged one stays damaged, as one edit."""
    try:
        yield from list(_decoded(payload))
    except (IndexError, UnicodeDecodeError, ValueError):
        yield "", at_ms, payload


def _decoded(payload: bytes) -> Iterator[tuple[str, int, bytes]]:
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = payload[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def piece() -> bytes:
        nonlocal at
        size = number()
        if at + size > len(payload):
            raise ValueError("cut off")
        at += size
        return payload[at - size : at]

    if number() != 1:
        raise ValueError("unknown format")
    authors = [piece().decode() for _ in range(number())]
    count, at_ms = number(), 0
    if not count:
        raise ValueError("no edits")
    for _ in range(count):
        author = authors[number()]
        at_ms += number()
        yield author, at_ms, piece()
    if at != len(payload):
        raise ValueError("bytes left over")


def _block(edits: list[tuple[str, int, bytes]]) -> bytes:
    """Format 1 of protocol.edits."""
    authors = list(dict.fromkeys(author for author, _, _ in edits))
    times = [at_ms for _, at_ms, _ in edits]
    columns = [
        times[0],
        authors,
        [authors.index(author) for author, _, _ in edits],
        [0, *(after - before for before, after in pairwise(times))],
        [len(update) for _, _, update in edits],
        b"".join(update for _, _, update in edits),
    ]
    return b"\x01" + zlib.compress(msgspec.msgpack.encode(columns), 6)


def _member(kind: str, payload: bytes) -> str:
    """Who did it, where the entry says so."""
    try:
        said = json.loads(payload)
        member = said.get("member", said.get("by", ""))
    except (ValueError, AttributeError):
        return ""
    return member if isinstance(member, str) else ""


def downgrade() -> None:
    """Back to empty tables of the version before; what was written with this one is not put back into old rows."""
    raise NotImplementedError("There is no way back to the schema 0001: put the backup from before in place.")
