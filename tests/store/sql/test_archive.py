"""The file of a backup: whole or refused, and never over another one."""

from pathlib import Path

import pytest

from fourhands.errors import InvalidRequest
from fourhands.store.sql.archive import FORMAT, Archive, ArchiveWriter, End, Header, Rows, Table, differences

HEADER = Header(FORMAT, "0.1.0", "0008", "sqlite", 5)
ROWS = [[1, "é", b"\x00\xff", None, True], [2, "", b"", 2**62, False]]


def write(path: Path, header: Header = HEADER) -> None:
    with ArchiveWriter(path, header) as out:
        out.table("rooms", ["a", "b", "c", "d", "e"])
        out.rows(ROWS)
        out.table("empty", ["a"])


def test_what_was_written_is_read_and_only_its_owner_may(tmp_path: Path) -> None:
    path = tmp_path / "backup"
    write(path)
    found = Archive(path)
    assert found.header == HEADER
    assert [type(part) for part in found.parts()] == [Table, Rows, Table, End]
    assert next(part.rows for part in found.parts() if isinstance(part, Rows)) == ROWS
    assert {name: count for name, (count, _) in found.check().items()} == {"rooms": 2, "empty": 0}
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_text("mine")
    with pytest.raises(InvalidRequest, match="nothing is overwritten"):
        write(path)
    assert path.read_text() == "mine"


def test_one_that_failed_is_not_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "backup"
    with pytest.raises(ZeroDivisionError), ArchiveWriter(path, HEADER):
        raise ZeroDivisionError
    assert not path.exists()


def test_every_cut_and_every_changed_byte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "backup"
    write(path)
    whole = path.read_bytes()
    sums = Archive(path).check()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        with pytest.raises(InvalidRequest):
            Archive(path).check()
    for place in range(10, len(whole)):  # before that stands gzip's own header
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            assert Archive(path).check() == sums
        except InvalidRequest:
            continue


def test_other_files_and_newer_formats_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "backup"
    path.write_text("a letter")
    with pytest.raises(InvalidRequest, match="no backup that fourhands made"):
        Archive(path)
    path.unlink()
    write(path, Header(FORMAT + 1, "9.9", "0099", "sqlite", 5))
    with pytest.raises(InvalidRequest, match=r"newer version of fourhands \(9\.9\)"):
        Archive(path)


def test_differences_name_the_table() -> None:
    assert differences({"a": (1, "x"), "b": (1, "y")}, {"a": (1, "x"), "b": (2, "z")}) == ["Table b: 1 rows in the one, 2 in the other."]
    assert differences({"b": (1, "y")}, {"b": (1, "z")}) == ["Table b: 1 rows in the one, 1 in the other, and not the same."]
