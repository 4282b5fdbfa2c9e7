"""Rooms, their members and invites, the journal and its snapshots."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _room_id(table: str) -> sa.Column[str]:
    return sa.Column("room_id", sa.String(64), sa.ForeignKey("rooms.id", name=f"fk_{table}_room_id", ondelete="CASCADE"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "rooms",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("guest_role", sa.String(16), nullable=False),
        sa.Column("ephemeral", sa.Boolean, nullable=False),
        sa.Column("epoch", sa.String(64), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("last_used_at_ms", sa.BigInteger, nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger),
        sa.Column("head", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rooms"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_rooms_last_used_at_ms", "rooms", ["last_used_at_ms"])
    op.create_table(
        "members",
        _room_id("members"),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("color", sa.String(7), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("joined_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("room_id", "id", name="pk_members"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "invites",
        _room_id("invites"),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("room_id", "key", name="pk_invites"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "journal",
        _room_id("journal"),
        sa.Column("position", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("room_id", "position", name="pk_journal"),
    )
    not_edits = sa.text("kind <> 'edits'")
    op.create_index("ix_journal_kind", "journal", ["room_id", "kind", "position"], sqlite_where=not_edits, postgresql_where=not_edits)
    op.create_table(
        "snapshots",
        _room_id("snapshots"),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("room_id", name="pk_snapshots"),
    )


def downgrade() -> None:
    for table in ("snapshots", "journal", "invites", "members", "rooms"):
        op.drop_table(table)
