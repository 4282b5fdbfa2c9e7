"""What is made once on a machine is whole or not there."""

import asyncio
import os
from pathlib import Path

import pytest

from fourhands.execution.languages import prepare as module
from fourhands.execution.languages.prepare import cache_folder, prepare, prepare_beside, prepared_binds, prepared_folder
from fourhands.execution.languages.recipe import Prepared

SHELL = Path("/bin/sh")


def made_by(line: str, *, each_file: bool = False) -> Prepared:
    return Prepared("/opt/fourhands/x", ("{program}", "-c", line), each_file)


def test_it_is_made_once(tmp_path: Path) -> None:
    made = made_by('mkdir sub && echo "$$" > sub/file')
    cache = tmp_path / "cache"
    assert prepared_binds(made, "1", cache) == []
    assert prepare(made, "1", cache, program=SHELL) == ""
    file = prepared_folder(made, "1", cache) / "sub" / "file"
    first = file.read_text()
    assert prepare(made, "1", cache, program=SHELL) == ""
    assert file.read_text() == first
    assert prepared_binds(made, "1", cache) == [f"{prepared_folder(made, '1', cache)}:/opt/fourhands/x"]


def test_another_version_or_command_meets_nothing_of_it(tmp_path: Path) -> None:
    made, other = made_by("echo 1 > x"), made_by("echo 2 > x")
    assert prepare(made, "1", tmp_path, program=SHELL) == ""
    assert prepared_binds(made, "2", tmp_path) == []
    assert prepared_binds(other, "1", tmp_path) == []


def test_each_file_alone_leaves_its_folder_writable(tmp_path: Path) -> None:
    made = made_by("mkdir sub; echo > b; echo > sub/a", each_file=True)
    assert prepare(made, "1", tmp_path, program=SHELL) == ""
    folder = prepared_folder(made, "1", tmp_path)
    assert prepared_binds(made, "1", tmp_path) == [f"{folder}/b:/opt/fourhands/x/b", f"{folder}/sub/a:/opt/fourhands/x/sub/a"]


def test_everybody_may_read_it_and_nobody_else_write(tmp_path: Path) -> None:
    made = made_by("umask 000; mkdir sub; echo > sub/file")
    assert prepare(made, "1", tmp_path, program=SHELL) == ""
    folder = prepared_folder(made, "1", tmp_path)
    assert [path.stat().st_mode & 0o777 for path in (folder, folder / "sub", folder / "sub" / "file")] == [0o755, 0o755, 0o644]


@pytest.mark.parametrize(("line", "says"), [("echo half > x; echo no >&2; exit 1", "no"), ("exit 3", "ended with 3"), ("exec sleep 60", "timed out")])
def test_what_fails_leaves_nothing_and_says_why(tmp_path: Path, line: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.2)
    assert says in prepare(made_by(line), "1", tmp_path, program=SHELL)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in prepare(made_by("true"), "1", tmp_path / "file" / "cache", program=SHELL)


def test_the_cache_is_the_systems_or_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert cache_folder() == Path("/var/cache/fourhands")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "fourhands"


def test_what_a_killed_maker_left_goes(tmp_path: Path) -> None:
    old, new = tmp_path / "making-old", tmp_path / "making-new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (0, 0))
    assert prepare(made_by("echo > x"), "1", tmp_path, program=SHELL) == ""
    assert not old.exists()
    assert new.exists()


async def test_beside_us_it_is_made_to_its_end_and_told() -> None:
    assert await prepare_beside("true")
    assert not await prepare_beside("false")


async def test_it_ends_with_us(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    making = asyncio.create_task(prepare_beside("sh", "-c", f"sleep 600 > {pipe} & wait"))
    with await asyncio.to_thread(pipe.open, "rb") as reader:  # opens when the grandchild has
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(reader, ended.set)  # readable at its end: the grandchild held the other one
        await asyncio.wait_for(ended.wait(), 20)
        loop.remove_reader(reader)
