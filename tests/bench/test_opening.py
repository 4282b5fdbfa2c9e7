"""The table on opening rooms, and what counts as bytes on disk."""

import sqlite3
from pathlib import Path

from bench import opening


def test_a_row_shows_times_and_bytes() -> None:
    row = {"title": "a text", "edits": 2000, "disk": 50_000, "compacted": 20_000, "open_ms": 3.21, "sent": 12_345, "seek_ms": 4.5, "seek_ms_max": 9.75}
    assert opening.markdown([row]).splitlines()[2] == "| a text | 3.2 | 4.5 | 9.8 | 12 | 50 | 25.0 | 20 | 10.0 |"


def test_what_was_not_measured_is_empty() -> None:
    row = {"title": "a text", "edits": 2, "disk": 50_000, "compacted": 20_000, "open_ms": 3.21, "sent": 12_345}
    assert opening.markdown([row]).splitlines()[2] == "| a text | 3.2 | - | - | 12 | 50 | | 20 | |"
    assert opening.markdown([{"title": "a text", "error": "timeout"}]).splitlines()[2] == "| a text | failed: timeout | | | | | | | |"


def test_pages_that_are_free_do_not_count_as_bytes_on_disk(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "kept.db")
    connection.execute("CREATE TABLE t (x BLOB)")
    connection.commit()
    before = opening.disk_bytes(tmp_path)
    connection.execute("INSERT INTO t VALUES (zeroblob(1000000))")
    connection.commit()
    assert opening.disk_bytes(tmp_path) > before + 900_000
    connection.execute("DELETE FROM t")
    connection.commit()
    connection.close()
    assert opening.disk_bytes(tmp_path) == before
