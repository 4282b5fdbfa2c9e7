"""Accounts, where they are logged in, their tokens and invitations; teams; whose account a member is, and which team's a room."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _of_account(table: str) -> sa.Column[str]:
    return sa.Column("account_id", sa.String(32), sa.ForeignKey("accounts.id", name=f"fk_{table}_account_id", ondelete="CASCADE"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("color", sa.String(7), nullable=False),
        sa.Column("password", sa.String),
        sa.Column("admin", sa.Boolean, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
    )
    op.create_index("ix_accounts_login", "accounts", ["login"], unique=True)
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        _of_account("identities"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_identities_account_id", "identities", ["account_id"])
    op.create_table(
        "logins",
        sa.Column("id", sa.String(32), nullable=False),
        _of_account("logins"),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("rotated_at_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_logins"),
    )
    op.create_index("ix_logins_account_id", "logins", ["account_id"])
    op.create_index("ix_logins_expires_at_ms", "logins", ["expires_at_ms"])
    op.create_table(
        "personal_tokens",
        sa.Column("id", sa.String(32), nullable=False),
        _of_account("personal_tokens"),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("scopes", sa.String, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger),
        sa.Column("used_at_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_personal_tokens"),
    )
    op.create_index("ix_personal_tokens_account_id", "personal_tokens", ["account_id"])
    op.create_index("ix_personal_tokens_digest", "personal_tokens", ["digest"], unique=True)
    op.create_table(
        "account_invites",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("by", sa.String(32)),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
        sa.Column("used_by", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_account_invites"),
    )
    op.create_index("ix_account_invites_digest", "account_invites", ["digest"], unique=True)
    _teams()


def _teams() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_teams"),
    )
    op.create_table(
        "team_members",
        sa.Column("team_id", sa.String(32), sa.ForeignKey("teams.id", name="fk_team_members_team_id", ondelete="CASCADE"), nullable=False),
        _of_account("team_members"),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("joined_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("team_id", "account_id", name="pk_team_members"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_team_members_account_id", "team_members", ["account_id"])
    op.add_column("rooms", sa.Column("team_id", sa.String(32)))
    op.create_index("ix_rooms_team_id", "rooms", ["team_id"])
    op.add_column("members", sa.Column("account_id", sa.String(32)))
    op.add_column("members", sa.Column("archived_at_ms", sa.BigInteger))
    op.create_index("ix_members_account_id", "members", ["account_id", "room_id"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_members_account_id", "members")
    op.drop_column("members", "archived_at_ms")
    op.drop_column("members", "account_id")
    op.drop_index("ix_rooms_team_id", "rooms")
    op.drop_column("rooms", "team_id")
    for table in ("team_members", "teams", "account_invites", "personal_tokens", "logins", "identities", "accounts"):
        op.drop_table(table)
