"""A table of runs that ended, for figures; where a room's programs are to run."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rooms", sa.Column("run_where", sa.String(16)))
    op.create_table(
        "executions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("room_id", sa.String(64)),
        sa.Column("member", sa.String(64)),
        sa.Column("language", sa.String(64), nullable=False),
        sa.Column("place", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.Column("cpu_ms", sa.BigInteger),
        sa.Column("memory_bytes", sa.BigInteger),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_executions"),
    )
    op.create_index("ix_executions_room_id", "executions", ["room_id"])
    op.create_index("ix_executions_at_ms", "executions", ["at_ms"])


def downgrade() -> None:
    op.drop_table("executions")
    op.drop_column("rooms", "run_where")
