"""The tables, as the newest migration leaves them (a test compares both). Repositories build their statements on these."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, LargeBinary, MetaData, String, Table, text

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s", "ix": "ix_%(table_name)s_%(column_0_name)s"})


def _room_id() -> Column[str]:
    return Column("room_id", String(64), ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)


rooms = Table(
    "rooms",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("title", String, nullable=False),
    Column("language", String, nullable=False),
    Column("guest_role", String(16), nullable=False),
    Column("ephemeral", Boolean, nullable=False),
    Column("epoch", String(64), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("last_used_at_ms", BigInteger, nullable=False, index=True),
    Column("ended_at_ms", BigInteger),
    Column("head", BigInteger, nullable=False),  # the last position of the room's journal; never falls
    sqlite_with_rowid=False,
)

members = Table(
    "members",
    metadata,
    _room_id(),
    Column("id", String(64), primary_key=True),
    Column("name", String, nullable=False),
    Column("color", String(7), nullable=False),
    Column("role", String(16), nullable=False),
    Column("joined_at_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

invites = Table(
    "invites",
    metadata,
    _room_id(),
    Column("key", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    sqlite_with_rowid=False,
)

# With a rowid: entries of many rooms then go to the end of one B-tree, which made a commit of 100 rooms about a third
# faster than keeping each room's entries side by side; a room is loaded from its index either way.
journal = Table(
    "journal",
    metadata,
    _room_id(),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

# Chat and runs are few among many edits; `tail` finds them by this index. Edits are not in it: they cost nothing here.
NOT_EDITS = text("kind <> 'edits'")
Index("ix_journal_kind", journal.c.room_id, journal.c.kind, journal.c.position, sqlite_where=NOT_EDITS, postgresql_where=NOT_EDITS)

snapshots = Table(
    "snapshots",
    metadata,
    _room_id(),
    Column("position", BigInteger, nullable=False),
    Column("state", LargeBinary, nullable=False),
)
