"""What makes the tables fit for PostgreSQL; nothing changes on SQLite. See docs/decisions/0021."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PACKED = (("blocks", "payload"), ("snapshots", "state"))
"""Compressed by us already."""
CHURNED = ("blocks", "journal", "snapshots", "rooms")
OFTEN = "autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    _collate("C")
    for table, column in PACKED:
        op.execute(f"ALTER TABLE {table} ALTER {column} SET STORAGE EXTERNAL")
    for table in CHURNED:
        op.execute(f"ALTER TABLE {table} SET ({OFTEN})")
    # every commit moves a room's head and its last use: without an index on either, and with room on its page, that rewrites one tuple in place
    op.drop_index("ix_rooms_last_used_at_ms", "rooms")
    op.execute("ALTER TABLE rooms SET (fillfactor = 60)")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE rooms RESET (fillfactor)")
    op.create_index("ix_rooms_last_used_at_ms", "rooms", ["last_used_at_ms"])
    for table in CHURNED:
        op.execute(f"ALTER TABLE {table} RESET ({', '.join(part.split(' = ')[0] for part in OFTEN.split(', '))})")
    for table, column in PACKED:
        op.execute(f"ALTER TABLE {table} ALTER {column} SET STORAGE EXTENDED")
    _collate("default")


def _collate(collation: str) -> None:
    """Text is ordered by its bytes, as SQLite does it: the same on every machine, and quicker."""
    inspector = sa.inspect(op.get_bind())
    for table in inspector.get_table_names():
        if table == "alembic_version":
            continue
        for column in inspector.get_columns(table):
            if isinstance(column["type"], sa.String):
                length = f"({column['type'].length})" if column["type"].length else ""
                op.execute(f'ALTER TABLE {table} ALTER "{column["name"]}" TYPE varchar{length} COLLATE "{collation}"')
