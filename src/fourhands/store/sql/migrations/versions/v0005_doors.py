"""Doors of rooms: password, lobby, lock, read-only, who may run, expiry; members who wait or were removed; invitations that hosts make."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rooms", sa.Column("password", sa.LargeBinary))
    for name in ("lobby", "locked", "read_only"):
        op.add_column("rooms", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("rooms", sa.Column("run_role", sa.String(16), nullable=False, server_default="editor"))
    op.add_column("rooms", sa.Column("expires_at_ms", sa.BigInteger))
    op.create_index("ix_rooms_expires_at_ms", "rooms", ["expires_at_ms"])
    op.add_column("members", sa.Column("state", sa.String(16), nullable=False, server_default="in"))
    op.add_column("members", sa.Column("role_fixed", sa.Boolean, nullable=False, server_default=sa.false()))
    _invites()


def _invites() -> None:
    op.rename_table("invites", "invites_0004")
    op.create_table(
        "invites",
        sa.Column("room_id", sa.String(64), sa.ForeignKey("rooms.id", name="fk_invites_room_id", ondelete="CASCADE"), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("label", sa.LargeBinary, nullable=False),
        sa.Column("made_at_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger),
        sa.Column("single_use", sa.Boolean, nullable=False),
        sa.Column("used_at_ms", sa.BigInteger),
        sa.Column("revoked_at_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("room_id", "id", name="pk_invites_0005"),
        sqlite_with_rowid=False,
    )
    # each room has had one for each role
    op.execute(
        "INSERT INTO invites (room_id, id, key, role, label, made_at_ms, single_use) "
        "SELECT i.room_id, i.role, i.key, i.role, '', r.created_at_ms, false FROM invites_0004 i JOIN rooms r ON r.id = i.room_id"
    )
    op.drop_table("invites_0004")


def downgrade() -> None:
    """Invitations that hosts made are lost: there was one for each role."""
    op.rename_table("invites", "invites_0005")
    op.create_table(
        "invites",
        sa.Column("room_id", sa.String(64), sa.ForeignKey("rooms.id", name="fk_invites_room_id", ondelete="CASCADE"), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("room_id", "key", name="pk_invites"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO invites (room_id, key, role) SELECT room_id, key, role FROM invites_0005 WHERE id = role AND revoked_at_ms IS NULL")
    op.drop_table("invites_0005")
    for column in ("role_fixed", "state"):
        op.drop_column("members", column)
    op.drop_index("ix_rooms_expires_at_ms", "rooms")
    for column in ("expires_at_ms", "run_role", "read_only", "locked", "lobby", "password"):
        op.drop_column("rooms", column)
