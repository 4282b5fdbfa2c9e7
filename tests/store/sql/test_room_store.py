"""tests/contracts hold both stores to what a store does; here: what is the same on both is written once."""

from fourhands.store.sql.postgres_store import PostgresStore
from fourhands.store.sql.room_store import RoomStore
from fourhands.store.sql.store import SqlStore


def test_both_stores_share_what_does_not_depend_on_the_database() -> None:
    shared = {name for name in vars(RoomStore) if not name.startswith("_")}
    assert {"create_room", "load", "write_snapshot", "compact"} <= shared
    assert not shared & vars(SqlStore).keys()
    assert shared & vars(PostgresStore).keys() == {"seek", "entries"}, "these may be read elsewhere"
