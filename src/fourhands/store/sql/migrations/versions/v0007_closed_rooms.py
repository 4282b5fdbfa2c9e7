"""Rooms that an administrator has ended and kept: their ids stay refused, what they hold stays until it is deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rooms", sa.Column("closed_at_ms", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("rooms", "closed_at_ms")
