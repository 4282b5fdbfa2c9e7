"""Bans as rows: kept over a restart."""

from fourhands.model.ban import Ban
from fourhands.store.sql.store import SqlStore


async def test_bans_outlive_a_restart(store: SqlStore) -> None:
    ban = Ban("1", "address", "2001:db8::/64", "", "Root", 10, None)
    await store.bans.add(ban)
    await store.stop()
    await store.start()
    assert await store.bans.all() == [ban]
