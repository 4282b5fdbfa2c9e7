"""How teams' rows are kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

from fourhands.model.account import Account, Team, TeamRole
from fourhands.store.sql.store import SqlStore


async def test_roles_are_written_as_their_words(store: SqlStore, path: Path) -> None:
    for name in ("ada", "lin"):
        await store.accounts.add(Account(name, name, name, "#c2410c", admin=False, created_at_ms=1), None)
    await store.accounts.add_team(Team("t", "Team", 1), "ada", most=1)
    await store.accounts.put_team_member("t", "lin", TeamRole.MEMBER, 2, most=2)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT account_id, role FROM team_members ORDER BY 1").fetchall() == [("ada", "owner"), ("lin", "member")]
