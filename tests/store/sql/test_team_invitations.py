"""How invitations into teams are kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fourhands.errors import NotFound
from fourhands.model.account import Account, Team, TeamRole
from fourhands.store.sql.store import SqlStore


@pytest.fixture
async def asked(store: SqlStore) -> SqlStore:
    for login in ("ada", "lin"):
        await store.accounts.add(Account(login, login, login.title(), "#1d4ed8", False, 1), None)
    await store.accounts.add_team(Team("t", "Team", 1), "ada", most=1)
    assert await store.accounts.invite_to_team("t", "lin", TeamRole.OWNER, 5, by="Ada", most=9) == "lin"
    return store


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as other:
        return other.execute("SELECT * FROM team_invitations").fetchall()


async def test_they_go_with_the_team_and_with_the_account(asked: SqlStore, path: Path) -> None:
    assert rows(path) == [("t", "lin", "owner", "Ada", 5)]
    await asked.accounts.delete("lin")
    assert rows(path) == []
    await asked.accounts.add(Account("eve", "eve", "Eve", "#1d4ed8", False, 1), None)
    await asked.accounts.invite_to_team("t", "eve", TeamRole.MEMBER, 6, by="Ada", most=9)
    await asked.accounts.remove_team("t")
    assert rows(path) == []


async def test_nothing_is_kept_of_names_that_nobody_has_and_of_people_who_are_in_it(asked: SqlStore, path: Path) -> None:
    for login in ("nobody", "ada"):
        assert await asked.accounts.invite_to_team("t", login, TeamRole.MEMBER, 6, by="Ada", most=9) is None
    assert len(rows(path)) == 1
    with pytest.raises(NotFound):
        await asked.accounts.invite_to_team("nothing", "lin", TeamRole.MEMBER, 6, by="Ada", most=9)


async def test_work_is_the_same_for_names_that_nobody_has(asked: SqlStore, path: Path) -> None:
    """Both write: what has changed in the file is told by SQLite's own counter."""
    for login in ("lin", "nobody", "ada"):
        with closing(sqlite3.connect(path)) as other:
            before = other.execute("PRAGMA data_version").fetchone()
            await asked.accounts.invite_to_team("t", login, TeamRole.MEMBER, 7, by="Ada", most=9)
            assert other.execute("PRAGMA data_version").fetchone() != before, login
