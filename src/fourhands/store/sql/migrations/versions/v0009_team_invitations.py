"""Who is asked into a team; they are in it once they say yes."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "team_invitations",
        sa.Column("team_id", sa.String(32), sa.ForeignKey("teams.id", name="fk_team_invitations_team_id", ondelete="CASCADE"), nullable=False),
        sa.Column("account_id", sa.String(32), sa.ForeignKey("accounts.id", name="fk_team_invitations_account_id", ondelete="CASCADE"), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("by_name", sa.String, nullable=False),
        sa.Column("made_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("team_id", "account_id", name="pk_team_invitations"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_team_invitations_account_id", "team_invitations", ["account_id"])


def downgrade() -> None:
    op.drop_table("team_invitations")
