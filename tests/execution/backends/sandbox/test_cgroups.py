"""Where control groups may be made, and what is left of servers that were killed."""

import os
import subprocess
from pathlib import Path

import pytest

from fourhands.execution.backends.sandbox.cgroups import abandoned, below, own_name, read_mounts, read_number, yield_processors

CGROUP_V1 = """5:memory:/docker/abc
4:cpu,cpuacct:/docker/abc
1:name=systemd:/docker/abc
0::/docker/abc
"""
MOUNTS_V1 = """30 29 0:26 /docker/abc /sys/fs/cgroup/memory ro,nosuid master:9 - cgroup cgroup rw,memory
31 29 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
32 29 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
33 29 0:29 / /proc rw - proc proc rw
"""


def test_giving_way_is_asked_for_where_the_kernel_knows_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"cpu\.idle"):
        yield_processors(tmp_path)
    (tmp_path / "cpu.idle").write_text("0")
    yield_processors(tmp_path)
    assert (tmp_path / "cpu.idle").read_text() == "1"


def test_hierarchies_are_found_where_they_are_mounted(tmp_path: Path) -> None:
    (tmp_path / "cgroup").write_text(CGROUP_V1)
    (tmp_path / "mountinfo").write_text(MOUNTS_V1)
    memory, cpu, unified = read_mounts(tmp_path)
    assert (memory.version, memory.controllers, memory.own) == (1, {"memory"}, Path("/sys/fs/cgroup/memory"))
    assert (cpu.controllers, cpu.own) == ({"cpu", "cpuacct"}, Path("/sys/fs/cgroup/cpu,cpuacct/docker/abc"))
    assert (unified.version, unified.own) == (2, Path("/sys/fs/cgroup/unified/docker/abc"))


@pytest.mark.parametrize(("group", "root", "expected"), [("/a/b", "/", "a/b"), ("/a/b", "/a", "b"), ("/a", "/a", ""), ("/ab", "/a", "ab"), ("/../x", "/", "")])
def test_a_group_is_below_what_is_mounted(group: str, root: str, expected: str) -> None:
    assert below(group, root) == expected


def test_places_of_the_dead_are_told_from_those_of_the_living(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    pid, started = own_name().removeprefix("fourhands-").split("-")
    assert int(pid) == os.getpid()
    for name in (own_name(), f"fourhands-{gone.pid}-1", f"fourhands-{pid}-{int(started) + 1}", "fourhands-runner-1.scope", "other"):
        (tmp_path / name).mkdir()
    assert {path.name for path in abandoned(tmp_path)} == {f"fourhands-{gone.pid}-1", f"fourhands-{pid}-{int(started) + 1}"}


def test_numbers_are_read_by_their_key(tmp_path: Path) -> None:
    file = tmp_path / "memory.events"
    file.write_text("low 0\noom 3\noom_kill 2\n")
    assert read_number(file, "oom_kill") == 2
    assert read_number(file, "oom") == 3
    assert read_number(file, "nothing") == 0
    file.write_text("17\n")
    assert read_number(file) == 17
    file.write_text("max\n")
    assert read_number(file) == 0
    assert read_number(tmp_path / "missing") == 0
