"""Alembic's migrations. A new revision is a new file in `versions/`, and `schema.HEAD` names it.

They run inside one transaction on a connection without foreign keys (`sqlite.migrator`), so a failed one leaves nothing.
"""
