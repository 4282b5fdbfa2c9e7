"""What is merged, and when. tests/store/sql/test_folder.py sees it at work on SQLite, test_postgres_store.py on PostgreSQL."""

from fourhands.errors import Unavailable
from fourhands.store.sql.compaction import SMALL_ROWS
from fourhands.store.sql.tidying import Tidying


async def test_a_room_with_many_small_rows_and_one_that_was_left_are_merged_and_a_damaged_one_stops_nobody() -> None:
    merged: list[tuple[str, bool]] = []

    async def merge(room_id: str, *, thorough: bool) -> bool:
        merged.append((room_id, thorough))
        if room_id == "damaged":
            raise Unavailable("damaged", "database")
        return len(merged) < 3

    tidying = Tidying(merge)
    for room_id in ("few", "damaged", "many"):
        tidying.grew(room_id, SMALL_ROWS - (room_id == "few"))
    tidying.rest("left")
    tidying.grew("gone", 99)
    tidying.forget("gone")
    await tidying.tidy()
    assert merged == [("damaged", False), ("many", False), ("many", False), ("left", True)]
    assert (tidying.grown, tidying.resting) == ({"few": SMALL_ROWS - 1}, {})
